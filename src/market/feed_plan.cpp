#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "market/feed.hpp"
#include "market/feed_id.hpp"
#include "market/line_encoder.hpp"
#include "market/replay_plan.hpp"
#include "market/row_encoder.hpp"
#include "market/sample_plan.hpp"

namespace stack::market {
namespace {

// The option's exchange, else the Exchange column's, else that of a known index; nullptr: none of them.
const Exchange* exchange_for(const Series& series, const FeedOptions& options) {
  for (const ExchangeOverride& entry : options.exchanges)
    if (entry.symbol == series.symbol) return find_exchange(entry.mic);
  if (const Exchange* exchange = find_exchange(series.exchange); exchange != nullptr) return exchange;
  return known_exchange_of(series.symbol);
}

std::vector<const Exchange*> assign_exchanges(const Selection& selection, const FeedOptions& options,
                                              std::vector<std::string>& warnings) {
  std::vector<const Exchange*> exchanges;
  std::vector<std::string> unknown;
  for (const SeriesSlice& slice : selection.slices) {
    const Exchange* exchange = exchange_for(*slice.series, options);
    if (exchange == nullptr) {
      unknown.push_back(slice.series->symbol);
      exchange = find_exchange("XNYS");
    }
    exchanges.push_back(exchange);
  }
  if (!unknown.empty()) {
    const std::size_t count = unknown.size();
    unknown.resize(std::min<std::size_t>(count, 10));
    warnings.push_back(
        fmt::format("no exchange is known for {}{}: the hours of XNYS (New York) are used; "
                    "--exchange SYMBOL=MIC names another",
                    fmt::join(unknown, ", "), count > 10 ? fmt::format(" and {} more", count - 10) : ""));
  }
  return exchanges;
}

void add_hash(FeedIdentity& identity, std::string_view name, const std::array<std::uint64_t, 2>& hash) {
  identity.add(name, fmt::format("{:016x}{:016x}", hash[0], hash[1]));
}

FeedIdentity identity_of(const FeedOptions& options) {
  FeedIdentity identity;
  identity.add("generator", kGeneratorVersion);
  identity.add("mode", mode_name(options.mode));
  identity.add("seed", fmt::format("{}", options.seed));
  identity.add("limit", options.limit ? fmt::format("{}", *options.limit) : "none");
  return identity;
}

auto tail_writer(Encoding encoding, bool quotes) {
  if (encoding == Encoding::ndjson)
    return quotes ? put_tail<Encoding::ndjson, true> : put_tail<Encoding::ndjson, false>;
  return quotes ? put_tail<Encoding::csv, true> : put_tail<Encoding::csv, false>;
}

// The mean length of a symbol's lines after the prefix, from a few of its sessions.
double average_tail(const ReplayPlan& plan, const SymbolPlan& symbol, std::size_t sessions, Encoding encoding) {
  SessionPath path;
  const auto motion = std::make_unique<BlockMotion>();
  TickColumns columns;
  columns.reserve(kBlockTicks);
  std::array<char, kLongestTail + 8> line{};
  const auto put = tail_writer(encoding, plan.quotes());
  TimeWriter writer;
  double bytes = 0.0;
  double ticks = 0.0;
  for (std::size_t i = 0; i < sessions; ++i) {
    const std::size_t session = (2 * i + 1) * symbol.bars.size() / (2 * sessions);
    path.prepare(plan.spec(symbol, session), *motion);
    const std::uint32_t block = path.block_count() / 2;
    const std::uint32_t n = path.make_block(block, *motion, columns, 0);
    std::size_t length = 0;
    for (std::uint32_t t = 0; t < n; ++t) {
      TickFields tick{.seq = symbol.first_seq[session] + std::uint64_t{block} * kBlockTicks + t,
                      .price = columns.price[t],
                      .scale = path.price_scale(),
                      .size = columns.size[t]};
      if (plan.quotes()) {
        tick.bid = columns.bid[t];
        tick.ask = columns.ask[t];
      }
      length += static_cast<std::size_t>(put(line.data(), writer, columns.time[t], tick) - line.data());
    }
    const auto weight = static_cast<double>(path.spec().ticks);
    bytes += weight * static_cast<double>(length) / n;
    ticks += weight;
  }
  return bytes / ticks;
}

}  // namespace

Result<void> check_symbols_named(const Dataset& dataset, const FeedOptions& options) {
  const auto known = [&](const std::string& symbol) {
    return std::any_of(dataset.series().begin(), dataset.series().end(),
                       [&](const Series& series) { return series.symbol == symbol; });
  };
  for (const ExchangeOverride& entry : options.exchanges)
    if (!known(entry.symbol))
      return fail(ErrorKind::usage, fmt::format("--exchange: '{}' is not in {}", entry.symbol, dataset.name()));
  for (const TickSize& entry : options.tick_sizes)
    if (!entry.symbol.empty() && !known(entry.symbol))
      return fail(ErrorKind::usage, fmt::format("--tick-size: '{}' is not in {}", entry.symbol, dataset.name()));
  return {};
}

FeedPlan::FeedPlan() = default;
FeedPlan::~FeedPlan() = default;

Result<std::shared_ptr<const FeedPlan>> FeedPlan::make(std::shared_ptr<const Dataset> dataset,
                                                       const FeedOptions& options) {
  STACK_TRY(validate(options));
  STACK_TRY(check_symbols_named(*dataset, options));
  STACK_TRY_ASSIGN(selection,
                   select(std::move(dataset), {options.symbols, options.from, options.to, options.last_sessions}));
  std::shared_ptr<FeedPlan> plan(new FeedPlan);
  plan->options_ = options;
  plan->selection_ = std::move(selection);
  STACK_TRY(plan->plan_ticks(nullptr));
  if (options.mode == Mode::sample) plan->plan_rows();
  return plan;
}

Result<std::shared_ptr<const FeedPlan>> FeedPlan::make(const SimulatedBars& bars, const FeedOptions& options) {
  STACK_TRY(validate(options));
  STACK_TRY(check_symbols_named(*bars.history.dataset, options));
  STACK_TRY_ASSIGN(selection, select(bars.dataset, {}));
  std::shared_ptr<FeedPlan> plan(new FeedPlan);
  plan->options_ = options;
  plan->selection_ = std::move(selection);
  plan->history_ = bars.history;
  STACK_TRY(plan->plan_ticks(&bars.grids));
  return plan;
}

Result<void> FeedPlan::plan_ticks(const std::vector<PriceGrid>* grids) {
  for (const SeriesSlice& slice : selection_.slices) symbols_.push_back(slice.series->symbol);
  const auto exchanges = assign_exchanges(selection_, options_, warnings_);
  STACK_TRY_ASSIGN(replay, ReplayPlan::make(selection_, exchanges, options_, grids));
  for (const SymbolPlan& symbol : replay->symbols())
    facts_.push_back({symbol.series->symbol, symbol.exchange, format_decimal(symbol.grid.tick_size()),
                      symbol.bars.size(), symbol.first_seq.back(), symbol.bars.front().date(),
                      symbol.bars.back().date()});
  FeedIdentity identity = identity_of(options_);
  add_hash(identity, "bars", content_hash(selection_));
  if (history_) add_hash(identity, "history", content_hash(*history_));  // which stands beside the ticks
  identity.add("events per session", fmt::format("{}", options_.events_per_session));
  identity.add("arrivals", arrivals_name(options_.arrivals));
  identity.add("quotes", options_.quotes ? "yes" : "no");
  identity.add("flat", options_.flat == FlatPolicy::one ? "one" : "full");
  for (const SymbolPlan& symbol : replay->symbols()) {
    identity.add("exchange", symbol.exchange->mic);
    identity.add("prices", fmt::format("{} {}", symbol.grid.is_float32() ? "float32" : "plain",
                                       format_decimal(symbol.grid.tick_size())));
  }
  if (options_.shaper) identity.add("scenario", options_.shaper->identity());
  if (options_.loop) identity.add("loop", "yes");
  id_ = identity.id();
  replay_ = std::move(replay);
  total_events_ = std::min(options_.loop ? kUnlimited : pass_events(), options_.limit.value_or(kUnlimited));
  return {};
}

// Rows have no hours, no ticks and no sessions: what was planned of these gives way.
void FeedPlan::plan_rows() {
  FeedIdentity identity = identity_of(options_);
  add_hash(identity, "rows", row_text_hash(selection_));
  identity.add("row form", kRowFormVersion);
  id_ = identity.id();
  total_events_ = options_.limit.value_or(kUnlimited);
  warnings_.clear();
  for (SymbolFacts& facts : facts_) facts.events = 0;  // left to chance
  sample_ = std::make_unique<SamplePlan>(selection_, options_.seed);
  replay_.reset();
}

const FaultPlan* FeedPlan::faults() const { return replay_ ? replay_->faults() : nullptr; }

std::uint64_t FeedPlan::pass_events() const {
  if (replay_ == nullptr) return kUnlimited;
  return replay_->total_ticks() + (faults() == nullptr ? 0 : faults()->counts().duplicated);
}

std::uint64_t FeedPlan::events_made() const {
  if (faults() == nullptr) return total_events_;
  return options_.loop ? kUnlimited : replay_->total_ticks();
}

std::uint64_t FeedPlan::estimated_bytes(Encoding encoding) const {
  if (total_events_ == kUnlimited) return kUnlimited;
  if (sample_) return static_cast<std::uint64_t>(static_cast<double>(total_events_) * sample_->average_row(encoding));
  double bytes = 0.0;
  const std::size_t wanted = std::clamp<std::size_t>(512 / replay_->symbols().size(), 2, 32);
  for (const SymbolPlan& symbol : replay_->symbols()) {
    const auto prefix = static_cast<double>(line_prefix(encoding, symbol.series->symbol, selection_.first).size());
    const double tail = average_tail(*replay_, symbol, std::min(wanted, symbol.bars.size()), encoding);
    bytes += static_cast<double>(symbol.first_seq.back()) * (prefix + tail);
  }
  return static_cast<std::uint64_t>(bytes * static_cast<double>(total_events_) /
                                    static_cast<double>(replay_->total_ticks()));
}

std::string FeedPlan::header(Encoding encoding) const {
  if (encoding == Encoding::ndjson) return {};
  if (!sample_)
    return fmt::format("symbol,session_date,event_time,seq,price,size{}\n", options_.quotes ? ",bid,ask" : "");
  std::string line;
  for (const std::string& column : selection_.dataset->columns()) {
    if (!line.empty()) line += ',';
    append_csv_field(column, line);
  }
  return line + '\n';
}

}  // namespace stack::market
