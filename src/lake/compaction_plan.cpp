#include "lake/compaction_plan.hpp"

#include <utility>

namespace stack::lake {
namespace {

bool same_form(const MergeCandidate& a, const MergeCandidate& b) {
  return a.format == b.format && a.compression == b.compression && a.columns == b.columns;
}

Merge merge_of(const Lane& lane, std::string_view dt, std::span<const MergeCandidate> files) {
  const MergeCandidate& first = files.front();
  Merge merge;
  merge.first = first.first;
  merge.end = files.back().end;
  merge.output = merged_key(lane, dt, merge.first, merge.end, file_extension(first.format, first.compression));
  for (const MergeCandidate& file : files) {
    merge.rows += file.rows;
    merge.inputs.push_back(file.key);
  }
  return merge;
}

}  // namespace

std::uint64_t plain_size(std::uint64_t size, FileFormat format, Compression compression) {
  if (format == FileFormat::parquet) return size * 12;
  return compression == Compression::none ? size : size * 8;
}

CompactionRecord plan_merges(const Lane& lane, std::string_view dt, std::span<const MergeCandidate> files,
                             std::uint64_t target) {
  CompactionRecord record;
  record.dt = dt;
  const auto size_of = [](const MergeCandidate& file) { return plain_size(file.size, file.format, file.compression); };
  const auto add = [&](std::span<const MergeCandidate> run) {
    if (run.size() < 2) return;
    const bool first = record.merges.empty();
    if (!first && (run.front().format != record.format || run.front().compression != record.compression)) return;
    record.format = run.front().format;
    record.compression = run.front().compression;
    record.merges.push_back(merge_of(lane, dt, run));
  };
  std::size_t begin = 0;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::uint64_t size = size_of(files[i]);
    const bool small = files[i].settled && size < target;
    const bool joins = small && i > begin && total + size <= target && same_form(files[begin], files[i]);
    if (!joins) {
      add(files.subspan(begin, i - begin));
      begin = i;
      total = 0;
    }
    if (!small) begin = i + 1;
    if (small) total += size;
  }
  if (begin < files.size()) add(files.subspan(begin));
  return record;
}

}  // namespace stack::lake
