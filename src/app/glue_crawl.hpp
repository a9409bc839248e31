// stack crawl --engine glue: AWS Glue's crawler over the lake, set up, started and followed to its end.
// Thread-safety: one thread. Failure: as GlueCrawler; ErrorKind::storage for a crawl that failed, with Glue's reason
// and where its log is; ErrorKind::conflict where the database holds tables that STACK's own crawler has registered.
#pragma once

#include "app/command.hpp"
#include "app/progress.hpp"
#include "core/result.hpp"

namespace stack::app {

[[nodiscard]] Result<int> glue_crawl(Context& context, Progress& progress);

}  // namespace stack::app
