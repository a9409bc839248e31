#include "app/store_findings.hpp"

#include <fmt/format.h>

#include <chrono>

#include "app/lake_location.hpp"
#include "lake/conditional_writes.hpp"
#include "lake/scratch_folder.hpp"

namespace stack::app {
namespace {

constexpr std::string_view kBytes = "0123456789";

// Requests signed at a time that differs by 15 minutes are refused.
// (https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html, RequestTimeTooSkewed)
constexpr std::chrono::minutes kMostSkew{5};

// Collects what is found, one thing after another.
class StoreCheck {
 public:
  StoreCheck(lake::ObjectStore& store, const Clock& clock)
      : store_(store), clock_(clock), key_(fmt::format("_stack/probe/{}", lake::process_unique_name())) {}

  std::vector<Finding> run(bool single_writer) && {
    if (!note("lake", store_.list("_stack/probe/"), fmt::format("{} answers and may be listed", store_.uri())))
      return std::move(findings_);
    const Micros before = clock_.now();
    if (note("lake writes", store_.put(key_, kBytes), "an object was written")) {
      check_reading();
      check_time(before);
      check_conditional_writes(single_writer);
      note("lake removes", store_.remove(key_), "an object was removed; compaction and retention do so");
    }
    return std::move(findings_);
  }

 private:
  template <class T>
  bool note(std::string subject, const Result<T>& done, const std::string& good) {
    const bool well = done.has_value();
    findings_.push_back({well ? Health::good : Health::bad, std::move(subject), well ? good : done.error().message});
    return well;
  }

  void check_reading() {
    auto bytes = store_.get_range(key_, 2, 3);
    if (bytes && *bytes != kBytes.substr(2, 3))
      findings_.push_back({Health::bad, "lake reads",
                           fmt::format("{}: bytes 2 to 4 of an object just written did not come back as they were: the "
                                       "store must know ranges and show what was written at once",
                                       store_.uri())});
    else
      note("lake reads", bytes, "a range of an object was read");
  }

  void check_time(Micros before) {
    const auto object = store_.head(key_);
    if (!object || !*object) return;  // reading has said so
    const auto skew = std::chrono::duration_cast<std::chrono::seconds>((*object)->modified - before);
    const bool near = skew > -kMostSkew && skew < kMostSkew;
    findings_.push_back({near ? Health::good : Health::warning, "lake clock",
                         fmt::format("the store's clock and this machine's differ by {} s{}", skew.count(),
                                     near ? "" : "; set this machine's: beyond 15 minutes requests are refused")});
  }

  void check_conditional_writes(bool single_writer) {
    if (single_writer) {
      findings_.push_back({Health::warning, "lake races",
                           "--single-writer: conditional writes are not used; one sink alone may write to this lake"});
      return;
    }
    note("lake races", lake::check_conditional_writes(store_), "conditional writes (If-None-Match) are honoured");
  }

  lake::ObjectStore& store_;
  const Clock& clock_;
  const std::string key_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_store(const Settings& settings, const std::string& uri, const Clock& clock,
                                 const StopFlag& stop) {
  {
    const auto store = open_lake(settings, uri, LakeUse::read, clock, &stop);
    if (!store) return {{Health::bad, "lake", store.error().message}};
    if (const auto listed = (*store)->list("_stack/probe/"); !listed)
      return {{Health::bad, "lake", listed.error().message}};
  }
  // What is written is removed again, whatever comes between.
  const auto store = open_lake(settings, uri, LakeUse::read, clock);
  if (!store) return {{Health::bad, "lake", store.error().message}};
  return StoreCheck(**store, clock).run(settings.flag("single-writer"));
}

}  // namespace stack::app
