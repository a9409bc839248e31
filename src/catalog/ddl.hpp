// A catalog entry as Athena DDL: CREATE EXTERNAL TABLE with the canonical SerDe and formats, and the ALTER TABLE … ADD
// PARTITION statements that register its partitions. A lake in a folder has no S3 address: its location is written as
// s3://YOUR-BUCKET/…, and a comment says so. Thread-safety: a free function. Never fails.
#pragma once

#include <string>

#include "catalog/table.hpp"

namespace stack::catalog {

[[nodiscard]] std::string athena_ddl(const Table& table);

}  // namespace stack::catalog
