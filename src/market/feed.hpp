// The feed: what it will be (FeedPlan) and its events, in order, encoded, in batches (FeedReader).
// A feed is a function of (data, options, seed): the same bytes whatever the threads, the batches and the speed.
// Thread-safety: a FeedPlan is immutable and may be shared; a FeedReader is used by one thread at a time.
// Failure: making a plan returns ErrorKind::usage or ErrorKind::data; reading does not fail.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "market/dataset.hpp"
#include "market/exchange.hpp"
#include "market/fault_plan.hpp"
#include "market/feed_batch.hpp"
#include "market/feed_options.hpp"
#include "market/price_grid.hpp"
#include "market/selection.hpp"

namespace stack::market {

inline constexpr std::uint64_t kUnlimited = UINT64_MAX;

enum class Encoding { ndjson, csv };

// What the `symbols` table says of a symbol.
struct SymbolFacts {
  std::string symbol;
  const Exchange* exchange = nullptr;
  std::string tick_size;  // decimal text, e.g. 0.01
  std::uint64_t sessions = 0;
  std::uint64_t events = 0;
  Date first{};
  Date last{};
};

// Bars that a model made from a history, and what tells them from others.
struct SimulatedBars {
  Selection history;                       // what the model was fitted on
  std::shared_ptr<const Dataset> dataset;  // the bars: the symbols of HISTORY, in its order
  std::vector<PriceGrid> grids;            // one a symbol: those of the history
};

class BatchPool;
class FaultStage;
// An option that names a symbol which DATASET does not have is a mistake, not something to pass over.
[[nodiscard]] Result<void> check_symbols_named(const Dataset& dataset, const FeedOptions& options);

class ReplayPlan;
class SamplePlan;

class FeedPlan {
 public:
  [[nodiscard]] static Result<std::shared_ptr<const FeedPlan>> make(std::shared_ptr<const Dataset> dataset,
                                                                    const FeedOptions& options);
  // A feed of bars that a model made: OPTIONS' symbols and dates have chosen the history and choose nothing more.
  [[nodiscard]] static Result<std::shared_ptr<const FeedPlan>> make(const SimulatedBars& bars,
                                                                    const FeedOptions& options);
  ~FeedPlan();

  [[nodiscard]] const std::string& id() const { return id_; }  // short hex, see feed_id.hpp
  [[nodiscard]] const FeedOptions& options() const { return options_; }
  [[nodiscard]] const Selection& selection() const { return selection_; }  // the bars that the ticks follow
  // What those bars were made from: the same, unless a model made them.
  [[nodiscard]] const Selection& history() const { return history_ ? *history_ : selection_; }
  [[nodiscard]] const std::vector<std::string>& symbols() const { return symbols_; }  // keys, in order of name
  [[nodiscard]] const std::vector<SymbolFacts>& facts() const { return facts_; }      // one a symbol
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
  // kUnlimited: `sample` or a loop, without a limit.
  [[nodiscard]] std::uint64_t total_events() const { return total_events_; }
  // Events from the feed's start to where a loop begins anew, a scenario's copies included; kUnlimited: `sample`.
  [[nodiscard]] std::uint64_t pass_events() const;
  [[nodiscard]] std::uint64_t estimated_bytes(Encoding encoding) const;  // of all lines, to a few per cent
  // The first line of a CSV file, with its line end; empty for NDJSON.
  [[nodiscard]] std::string header(Encoding encoding) const;

  // How many events are made before a scenario's faults add copies to them; without faults: total_events(). Of a loop
  // with faults: kUnlimited.
  [[nodiscard]] std::uint64_t events_made() const;
  [[nodiscard]] const FaultPlan* faults() const;                            // null: none
  [[nodiscard]] const ReplayPlan* replay() const { return replay_.get(); }  // for FeedReader
  [[nodiscard]] const SamplePlan* sample() const { return sample_.get(); }

 private:
  FeedPlan();
  [[nodiscard]] Result<void> plan_ticks(const std::vector<PriceGrid>* grids);
  void plan_rows();

  std::string id_;
  FeedOptions options_;
  Selection selection_;
  std::optional<Selection> history_;
  std::vector<std::string> symbols_;
  std::vector<SymbolFacts> facts_;
  std::vector<std::string> warnings_;
  std::uint64_t total_events_ = 0;
  std::unique_ptr<ReplayPlan> replay_;
  std::unique_ptr<SamplePlan> sample_;
};

struct ReadOptions {
  Encoding encoding = Encoding::ndjson;
  std::uint64_t first_position = 0;         // start at this event (a resumed feed)
  std::uint64_t end_position = kUnlimited;  // and end before this one; only a feed with faults heeds it
  unsigned threads = 0;                     // that generate; 0: one a processor
};

class FeedReader {
 public:
  FeedReader(std::shared_ptr<const FeedPlan> plan, const ReadOptions& options);
  ~FeedReader();  // stops its threads; batches that are still held stay valid
  FeedReader(FeedReader&&) = delete;

  // The next events in order, about 16,000 a batch; nullptr at the end. Holding batches is allowed (to send them
  // without a copy): each is recycled once released.
  [[nodiscard]] std::shared_ptr<const FeedBatch> next();
  // What the events read so far, and those passed over to reach the first one, hold of a scenario's faults.
  [[nodiscard]] FaultCounts faults_met() const;

 private:
  class Workers;
  [[nodiscard]] std::shared_ptr<const FeedBatch> next_with_faults();
  [[nodiscard]] bool begin_next_pass();
  void begin_faults(std::uint64_t position);

  std::shared_ptr<const FeedPlan> plan_;
  ReadOptions options_;
  std::shared_ptr<BatchPool> pool_;
  std::unique_ptr<Workers> workers_;
  std::unique_ptr<FaultStage> faults_;  // between the workers and the reader, of one pass of a loop
  std::uint64_t pass_ = 0;              // that faults_ is of
  std::shared_ptr<FeedBatch> waiting_;  // the first batch of the next pass
  FaultCounts met_before_;              // in the passes before
};

// The faults among the first EVENTS events of PLAN's feed; `dropped` is of the whole feed. Counted in advance where
// that is all of them; else the part of the feed in which faults are is made once more.
[[nodiscard]] FaultCounts injected_faults(const std::shared_ptr<const FeedPlan>& plan, std::uint64_t events);

}  // namespace stack::market
