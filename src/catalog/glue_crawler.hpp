// AWS Glue's own crawler, made, kept up to date, started and followed: the managed alternative to crawler.hpp, which
// writes entries of its own (docs/glue.md says when to take which).
// (https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-crawling.html)
// Thread-safety: one thread. Failure: the client's; ErrorKind::usage for a crawler that has no role yet, or one that
// Glue does not take; ErrorKind::conflict for one that runs with other settings; ErrorKind::interrupted when STOP is
// set: the crawl goes on in AWS. A crawl that failed is a value.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "aws/service_client.hpp"
#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "core/time.hpp"

namespace stack::catalog {

struct GlueCrawlerSettings {
  std::string name;
  std::string role;      // name or ARN; empty: that of the crawler that is there
  std::string database;  // its tables go there
  std::string lake;      // s3://bucket/prefix; each folder below it becomes a table
  std::string schedule;  // "cron(15 12 * * ? *)"; empty: as it is
};

enum class CrawlerChange { none, made, updated };

struct GlueCrawl {
  std::string status;    // SUCCEEDED, FAILED, CANCELLED
  std::string said;      // Glue's reason of a failure
  std::string log;       // "group stream" in CloudWatch
  std::string began;     // when, which tells one crawl from another
  bool counted = false;  // whether the numbers of tables are known
  std::uint64_t tables_created = 0;
  std::uint64_t tables_updated = 0;
  std::uint64_t tables_deleted = 0;
  double seconds = 0;
  double dpu_hours = 0;  // 0: not known
};

struct GlueCrawlerStatus {
  std::string state;     // READY, RUNNING, STOPPING
  std::string schedule;  // that is in force
  std::chrono::milliseconds elapsed{0};
  std::optional<GlueCrawl> last;  // without figures
};

class GlueCrawler {
 public:
  // GLUE and CLOCK outlive it.
  GlueCrawler(aws::ServiceClient& glue, GlueCrawlerSettings settings, const Clock& clock);

  // Makes the crawler, or gives it these settings where it has others.
  [[nodiscard]] Result<CrawlerChange> set_up();
  // False: it was running already.
  [[nodiscard]] Result<bool> start();
  // Waits until a crawl has ended that had not when set_up() or the last follow() looked: the one that was started, or
  // the next of the schedule. TELL is given each status that was asked for.
  [[nodiscard]] Result<GlueCrawl> follow(const StopFlag& stop,
                                         const std::function<void(const GlueCrawlerStatus&)>& tell);
  // None where there is no such crawler.
  [[nodiscard]] Result<std::optional<GlueCrawlerStatus>> status();

 private:
  [[nodiscard]] Result<void> add_figures(GlueCrawl& crawl);

  aws::ServiceClient& glue_;
  GlueCrawlerSettings settings_;
  const Clock& clock_;
  std::string seen_;      // the last crawl that had ended when it was looked at
  bool started_ = false;  // one of which nothing was seen yet
};

// "stack-bucket-prefix-database-0123abcd", the end a hash of lake and database, which another lake's name does not
// have.
[[nodiscard]] std::string default_crawler_name(const std::string& lake, const std::string& database);

}  // namespace stack::catalog
