// SQL through Amazon Athena: started, followed with growing waits, its answer fetched page by page. Statements that
// read, by the rules of the embedded engine; what Athena makes of them is Athena's SQL.
// A query that nobody waits for any more (the StopFlag, a watcher that has enough, a call that fails) is stopped; the
// error says whether that got through.
// Thread-safety: as QueryEngine. Failure: as QueryEngine; ErrorKind::usage without a place for results or for a
// workgroup that there is not, ErrorKind::conflict for one that is disabled, ErrorKind::access for what Athena may not
// read or write for the caller; calls fail as aws::ServiceClient says.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/service_client.hpp"
#include "core/stop_flag.hpp"
#include "query/athena_execution.hpp"
#include "query/engine.hpp"

namespace stack::query {

struct AthenaOptions {
  std::string database;
  std::string catalog = "AwsDataCatalog";  // AWS Glue, by its name in Athena
  std::string workgroup = "primary";
  std::string output_location = {};                    // s3://…; empty: the workgroup's
  std::optional<std::chrono::minutes> reuse_age = {};  // results no older may be reused
  Milliseconds first_wait{100};                        // between two looks at a running query; grows by a half
  Milliseconds longest_wait{2'000};
};

class AthenaEngine final : public QueryEngine {
 public:
  // Told of each look at the running query; false: nobody wants its answer any more.
  using Watch = std::function<bool(const AthenaExecution&)>;

  // CLIENT, STOPPER, both of aws::kAthena, and STOP outlive the engine. STOPPER stops queries: it should go on when
  // STOP is set, and not for long.
  AthenaEngine(aws::ServiceClient& client, aws::ServiceClient& stopper, AthenaOptions options, const StopFlag& stop,
               Watch watch = {})
      : client_(client), stopper_(stopper), options_(std::move(options)), stop_(stop), watch_(std::move(watch)) {}

  [[nodiscard]] std::string description() const override;
  // The last query that was run, as far as it got.
  [[nodiscard]] const AthenaExecution& last_execution() const { return last_; }
  // Whether the database has the table; no query is run for it.
  [[nodiscard]] Result<bool> has_table(std::string_view name);

 private:
  [[nodiscard]] Result<std::unique_ptr<ResultTable>> answer(std::string_view sql,
                                                            std::span<const Parameter> parameters) override;
  [[nodiscard]] Result<std::string> start(std::string_view sql, std::span<const Parameter> parameters);
  [[nodiscard]] Error stop_query(const std::string& id, Error ended);
  [[nodiscard]] Result<void> follow(const std::string& id);

  aws::ServiceClient& client_;
  aws::ServiceClient& stopper_;
  AthenaOptions options_;
  const StopFlag& stop_;
  Watch watch_;
  AthenaExecution last_;
};

}  // namespace stack::query
