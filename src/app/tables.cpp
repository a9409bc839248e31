#include "app/tables.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/json_object.hpp"
#include "market/line_encoder.hpp"
#include "market/replay_plan.hpp"
#include "market/row_encoder.hpp"

namespace stack::app {
namespace {

constexpr std::size_t kWriteAt = 1 << 20;

std::string side_table(std::string_view table, std::string_view side) {
  return table == "ticks" ? std::string{side} : fmt::format("{}_{}", table, side);
}

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

Result<void> write_bars(const market::FeedPlan& plan, const std::string& key, lake::ObjectStore& store) {
  const auto& dataset = *plan.history().dataset;
  const market::RowEncoder encoder{dataset, market::ColumnNames::lower_case};
  // Whatever the CSV calls its symbols, `symbol` joins bars with ticks.
  const bool has_symbol =
      std::ranges::any_of(dataset.columns(), [](const std::string& column) { return lower_case(column) == "symbol"; });
  STACK_TRY_ASSIGN(upload, store.open_upload(key));
  std::string text;
  for (const auto& slice : plan.history().slices) {
    const auto symbol = fmt::format("\"symbol\":{},", lake::json_string(slice.series->symbol));
    for (const auto& bar : slice.bars) {
      const auto begin = text.size();
      encoder.append(bar, text);
      if (!has_symbol) text.insert(begin + 1, symbol);
      if (text.size() >= kWriteAt) {
        STACK_TRY(upload->append(text));
        text.clear();
      }
    }
  }
  STACK_TRY(upload->append(text));
  STACK_TRY(upload->complete_if_absent());
  return {};
}

// In the form in which ticks have it.
std::string price_text(const market::Bar& bar, std::int64_t price) {
  char digits[32];
  return {digits, market::put_price(digits, price, bar.scale)};
}

Result<void> write_simulated_bars(const market::FeedPlan& plan, const std::string& key, lake::ObjectStore& store) {
  STACK_TRY_ASSIGN(upload, store.open_upload(key));
  std::string text;
  for (const auto& symbol : plan.replay()->symbols()) {
    for (const auto& bar : symbol.bars) {
      text += JsonObject{}
                  .text("symbol", symbol.series->symbol)
                  .text("date", format_date(bar.date()))
                  .raw("open", price_text(bar, bar.open))
                  .raw("high", price_text(bar, bar.high))
                  .raw("low", price_text(bar, bar.low))
                  .raw("close", price_text(bar, bar.close))
                  .number("volume", bar.volume)
                  .str() +
              "\n";
      if (text.size() < kWriteAt) continue;
      STACK_TRY(upload->append(text));
      text.clear();
    }
  }
  STACK_TRY(upload->append(text));
  STACK_TRY(upload->complete_if_absent());
  return {};
}

std::string symbols_text(const market::FeedPlan& plan) {
  std::string text;
  for (const auto& facts : plan.facts()) {
    text += JsonObject{}
                .text("symbol", facts.symbol)
                .text("exchange", facts.exchange == nullptr ? "" : facts.exchange->mic)
                .text("currency", facts.exchange == nullptr ? "" : facts.exchange->currency)
                .text("zone", facts.exchange == nullptr ? "" : facts.exchange->zone)
                .raw("tick_size", facts.tick_size.empty() ? "null" : facts.tick_size)
                .text("model", market::mode_name(plan.options().mode))
                .number("seed", plan.options().seed)
                .str() +
            "\n";
  }
  return text;
}

}  // namespace

bool has_simulated_bars(const market::FeedPlan& plan) {
  if (market::is_model(plan.options().mode)) return true;
  return plan.replay() != nullptr &&
         std::ranges::any_of(plan.replay()->symbols(),
                             [](const market::SymbolPlan& symbol) { return !symbol.shaped_bars.empty(); });
}

Result<void> write_side_tables(const market::FeedPlan& plan, std::string_view table, lake::ObjectStore& store) {
  const auto key = [&](std::string_view side) {
    return fmt::format("{}/{}.ndjson", side_table(table, side), plan.id());
  };
  const auto bars = key("bars");
  STACK_TRY_ASSIGN(there, store.head(bars));
  if (!there) STACK_TRY(write_bars(plan, bars, store));
  if (has_simulated_bars(plan)) {
    const auto simulated = key("simulated_bars");
    STACK_TRY_ASSIGN(made, store.head(simulated));
    if (!made) STACK_TRY(write_simulated_bars(plan, simulated, store));
  }
  STACK_TRY(store.put_if_absent(key("symbols"), symbols_text(plan)));
  return {};
}

}  // namespace stack::app
