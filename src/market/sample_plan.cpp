#include "market/sample_plan.hpp"

#include <algorithm>

#include "market/hash128.hpp"
#include "market/philox.hpp"

namespace stack::market {
namespace {

__extension__ using Wide = unsigned __int128;

}  // namespace

SamplePlan::SamplePlan(const Selection& selection, std::uint64_t seed)
    : selection_(selection),
      key_(mix64(seed + 0x9E3779B97F4A7C15ULL)),
      encoder_(*selection.dataset, ColumnNames::as_written) {
  rows_before_.push_back(0);
  for (const SeriesSlice& slice : selection.slices) rows_before_.push_back(rows_before_.back() + slice.bars.size());
}

SamplePlan::Row SamplePlan::row_at(std::uint64_t position) const {
  const Words4 words = philox(key_, Stream::sample, position);
  const std::uint64_t random = std::uint64_t{words[0]} << 32 | words[1];
  const auto row = static_cast<std::uint64_t>((Wide{random} * rows_before_.back()) >> 64);
  const auto after = std::upper_bound(rows_before_.begin(), rows_before_.end(), row);
  const auto slice = static_cast<std::size_t>(after - rows_before_.begin()) - 1;
  return {static_cast<std::uint16_t>(slice), &selection_.slices[slice].bars[row - rows_before_[slice]]};
}

void SamplePlan::append(const Bar& bar, Encoding encoding, std::string& out) const {
  if (encoding == Encoding::ndjson) {
    encoder_.append(bar, out);
    return;
  }
  encoder_.append_csv(bar, out);
}

void SamplePlan::make(std::uint64_t index, std::uint64_t first, std::uint64_t end, Encoding encoding,
                      FeedBatch& batch) const {
  const std::uint64_t begin = std::max(index * kSampleWindow, first);
  const std::uint64_t stop = std::min((index + 1) * kSampleWindow, end);
  std::string text;
  batch.first_position = begin;
  batch.pass = 0;
  batch.offsets.assign(1, 0);
  batch.symbol.clear();
  batch.event_time_us.clear();
  for (std::uint64_t position = begin; position < stop; ++position) {
    const Row row = row_at(position);
    append(*row.bar, encoding, text);
    batch.symbol.push_back(row.symbol);
    batch.offsets.push_back(static_cast<std::uint32_t>(text.size()));
  }
  batch.text_size = text.size();
  batch.buffer.assign(text.begin(), text.end());
}

double SamplePlan::average_row(Encoding encoding) const {
  constexpr std::uint64_t kRows = 256;
  std::string text;
  for (std::uint64_t position = 0; position < kRows; ++position) append(*row_at(position).bar, encoding, text);
  return static_cast<double>(text.size()) / kRows;
}

}  // namespace stack::market
