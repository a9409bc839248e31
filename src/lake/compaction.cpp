#include "lake/compaction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "lake/claim.hpp"
#include "lake/compaction_plan.hpp"
#include "lake/compaction_record.hpp"
#include "lake/crash_point.hpp"
#include "lake/expiry.hpp"
#include "lake/file_merge.hpp"
#include "lake/lake_layout.hpp"
#include "lake/merged_files.hpp"
#include "lake/scratch_folder.hpp"

namespace stack::lake {
namespace {

constexpr int kMostRaces = 8;  // lost to another compaction of the same files

using Files = std::vector<ObjectInfo>;

Result<std::vector<Lane>> lanes_of(ObjectStore& store, const std::vector<std::string>& tables) {
  std::vector<Lane> lanes;
  STACK_TRY_ASSIGN(objects, store.list("_stack/claims/"));
  for (const ObjectInfo& object : objects) {
    const std::string_view key = std::string_view(object.key).substr(std::string_view("_stack/claims/").size());
    const auto table_end = key.find('/');
    const auto partition_end = key.rfind('/');
    const auto topic_end = key.rfind('/', partition_end - 1);
    if (table_end == std::string_view::npos || topic_end == std::string_view::npos || topic_end <= table_end) continue;
    Lane lane{.table = std::string(key.substr(0, table_end)),
              .topic = std::string(key.substr(table_end + 1, topic_end - table_end - 1)),
              .partition = std::atoi(std::string(key.substr(topic_end + 1, partition_end - topic_end - 1)).c_str())};
    const bool wanted = tables.empty() || std::ranges::find(tables, lane.table) != tables.end();
    const bool known = !lanes.empty() && lanes.back().table == lane.table && lanes.back().topic == lane.topic &&
                       lanes.back().partition == lane.partition;
    if (wanted && !known) lanes.push_back(std::move(lane));
  }
  return lanes;
}

std::string folder_prefix(const Lane& lane, std::string_view dt) {
  return dt.empty() ? data_prefix(lane.table) : fmt::format("{}dt={}/", data_prefix(lane.table), dt);
}

std::optional<std::pair<FileFormat, Compression>> form_of(std::string_view extension) {
  if (extension == "parquet") return std::pair{FileFormat::parquet, Compression::zstd};
  for (const auto compression : {Compression::none, Compression::gzip, Compression::zstd})
    if (extension == file_extension(FileFormat::ndjson, compression)) return std::pair{FileFormat::ndjson, compression};
  return std::nullopt;
}

// The claims of one lane, and from which on they are open or only just closed.
class Chain {
 public:
  [[nodiscard]] static Result<Chain> read(ObjectStore& store, const Lane& lane, Micros now,
                                          std::chrono::seconds closed_for) {
    STACK_TRY_ASSIGN(objects, store.list(claims_prefix(lane)));
    Chain chain;
    STACK_TRY_ASSIGN(claims, read_chain(store, lane));
    chain.claims_ = std::move(claims);
    std::size_t settled = 0;
    while (settled + 1 < std::min(chain.claims_.size(), objects.size()) &&
           now - objects[settled + 1].modified >= closed_for)
      ++settled;
    chain.settled_end_ = settled == 0 ? 0 : chain.claims_[settled - 1].end;
    return chain;
  }

  [[nodiscard]] std::int64_t settled_end() const { return settled_end_; }
  // The claims of the ranges that begin at FIRST or behind, and before END (none: the one that begins at FIRST).
  [[nodiscard]] std::span<const Claim> of(std::int64_t first, std::optional<std::int64_t> end) const {
    const auto begin = std::ranges::lower_bound(claims_, first, {}, &Claim::first);
    if (begin == claims_.end() || begin->first != first) return {};
    const auto last = end ? std::ranges::lower_bound(begin, claims_.end(), *end, {}, &Claim::first) : begin + 1;
    return {begin, last};
  }

 private:
  std::vector<Claim> claims_;
  std::int64_t settled_end_ = 0;
};

std::uint64_t rows_of(std::span<const Claim> claims, std::string_view dt) {
  std::uint64_t rows = 0;
  for (const Claim& claim : claims)
    for (const RangeFile& file : claim.files)
      if (file.dt == dt) rows += file.rows;
  return rows;
}

// FILES of one lane and dt, as they come by key, in the order of their offsets.
std::vector<MergeCandidate> candidates(const Files& files, std::string_view dt, const Chain& chain, Micros now,
                                       std::chrono::seconds closed_for) {
  std::vector<MergeCandidate> found;
  for (const ObjectInfo& file : files) {
    const auto name = parse_file_key(file.key);
    if (!name) continue;
    MergeCandidate candidate{
        .key = file.key, .first = name->first, .end = name->first + 1, .size = file.size, .rows = 0, .columns = {}};
    const auto claims = chain.of(name->first, name->end);
    const auto form = form_of(name->extension);
    if (!claims.empty() && form) {
      candidate.end = claims.back().end;
      candidate.rows = rows_of(claims, dt);
      candidate.format = form->first;
      candidate.compression = form->second;
      candidate.columns = claims.front().columns;
      const bool old_enough = !name->end || now - file.modified >= closed_for;
      candidate.settled = candidate.end <= chain.settled_end() && old_enough;
    }
    found.push_back(std::move(candidate));
  }
  std::ranges::sort(found, {}, &MergeCandidate::first);
  return found;
}

class TableCompactor {
 public:
  TableCompactor(const CompactionOptions& options, ObjectStore& store, const StopFlag& stop,
                 CompactionProgress& progress, ScratchFolder& scratch, std::string table)
      : options_(options),
        store_(store),
        stop_(stop),
        progress_(progress),
        merger_(store, scratch, options.memory),
        table_{.table = std::move(table)} {}

  Result<CompactedTable> run(const std::vector<Lane>& lanes) {
    STACK_TRY_ASSIGN(now, store_.now());
    if (options_.expire) STACK_TRY(expire(now));
    STACK_TRY_ASSIGN(expired, expired_partitions(store_, table_.table));
    STACK_TRY_ASSIGN(files, store_.list(data_prefix(table_.table)));
    table_.files_before = files.size() + (options_.dry_run ? 0 : table_.expired_files);
    std::map<std::pair<std::string, std::int32_t>, std::map<std::string, Files>> of_lanes;  // by dt
    for (ObjectInfo& file : files)
      if (const auto name = parse_file_key(file.key); name && !expired.contains(name->dt))
        of_lanes[{name->topic, name->partition}][name->dt].push_back(std::move(file));
    for (const Lane& lane : lanes) {
      STACK_TRY_ASSIGN(chain, Chain::read(store_, lane, now, options_.closed_for));
      for (auto& [dt, its_files] : of_lanes[{lane.topic, lane.partition}])
        STACK_TRY(compact_dt(lane, dt, chain, now, std::move(its_files)));
    }
    table_.files_after = table_.files_before + table_.merged - table_.inputs - table_.expired_files;
    return std::move(table_);
  }

 private:
  static Files files_of(const Files& files, const Lane& lane, std::string_view dt) {
    Files found;
    for (const ObjectInfo& file : files) {
      const auto name = parse_file_key(file.key);
      if (name && name->topic == lane.topic && name->partition == lane.partition && name->dt == dt)
        found.push_back(file);
    }
    return found;
  }

  Result<void> expire(Micros now) {
    STACK_TRY_ASSIGN(gone, expire_partitions(store_, table_.table, *options_.expire, now, options_.dry_run));
    table_.expired_partitions = gone.partitions;
    table_.expired_files = gone.files;
    return {};
  }

  Result<void> compact_dt(const Lane& lane, const std::string& dt, const Chain& chain, Micros now, Files files) {
    for (int races = 0; races < kMostRaces; ++races) {
      if (stop_.requested()) return fail(ErrorKind::interrupted, "the compaction was interrupted");
      STACK_TRY_ASSIGN(newest, newest_record(store_, lane, dt));
      if (newest && !options_.dry_run) {
        STACK_TRY_ASSIGN(was_finished, finish(lane, *newest, files));
        if (!was_finished) {
          STACK_TRY_ASSIGN(now_there, relist(lane, dt));
          files = std::move(now_there);
        }
      }
      const auto superseded = take_superseded(files);
      if (!superseded.empty() && !options_.dry_run) STACK_TRY(remove(superseded));
      const auto live = candidates(files, dt, chain, now, options_.closed_for);
      CompactionRecord plan = plan_merges(lane, dt, live, options_.target_size);
      note(plan, live);
      if (plan.merges.empty() || options_.dry_run) return {};
      crash_point("before-record");
      const std::int64_t number = newest ? newest->number + 1 : 0;
      STACK_TRY_ASSIGN(outcome, store_.put_if_absent(record_key(lane, dt, number), to_json(plan)));
      crash_point("after-record");
      if (outcome == PutOutcome::created) {
        for (const Merge& merge : plan.merges) STACK_TRY(carry_out(lane, dt, number, plan.format, merge));
        return remove_inputs(plan);
      }
      unnote(plan);  // and where others are first again and again, the work is theirs
      STACK_TRY_ASSIGN(now_there, relist(lane, dt));
      files = std::move(now_there);
    }
    return {};
  }

  Result<Files> relist(const Lane& lane, const std::string& dt) {
    STACK_TRY_ASSIGN(all, store_.list(folder_prefix(lane, dt)));
    return files_of(all, lane, dt);
  }

  // What NEWEST decided and nobody has carried out to the end; true where nothing was left to do.
  Result<bool> finish(const Lane& lane, const NumberedRecord& newest, const Files& files) {
    std::set<std::string_view> stand;
    for (const ObjectInfo& file : files) stand.insert(file.key);
    bool finished = true;
    for (const Merge& merge : newest.record.merges) {
      const bool inputs_left =
          std::ranges::any_of(merge.inputs, [&](const std::string& key) { return stand.contains(key); });
      if (stand.contains(merge.output) && !inputs_left) continue;
      if (!stand.contains(merge.output) && !inputs_left) {
        // Neither what was merged nor what it was merged into: somebody has removed it, and nothing is left to do.
        STACK_TRY_ASSIGN(output, store_.head(merge.output));
        STACK_TRY_ASSIGN(input, store_.head(merge.inputs.front()));
        if (!output && !input) continue;
      }
      finished = false;
      ++table_.finished;
      if (!stand.contains(merge.output))
        STACK_TRY(carry_out(lane, newest.record.dt, newest.number, newest.record.format, merge));
    }
    if (!finished) STACK_TRY(remove_inputs(newest.record));
    return finished;
  }

  Result<void> carry_out(const Lane& lane, const std::string& dt, std::int64_t number, FileFormat format,
                         const Merge& merge) {
    const PutGuard still_newest = [&]() -> Result<bool> {
      STACK_TRY_ASSIGN(successor, store_.head(record_key(lane, dt, number + 1)));
      if (successor) return false;
      STACK_TRY_ASSIGN(expired, store_.head(expiry_key(table_.table, dt)));
      return !expired.has_value();
    };
    auto outcome = merger_.merge(merge.inputs, format, merge.rows, merge.output, still_newest);
    if (!outcome && outcome.error().kind == ErrorKind::conflict) {
      // Another compaction that carries out the same record may be done already.
      STACK_TRY_ASSIGN(output, store_.head(merge.output));
      STACK_TRY_ASSIGN(expired, store_.head(expiry_key(table_.table, dt)));
      if (output || expired) return {};
    }
    STACK_TRY(std::move(outcome));
    ++progress_.merged;
    progress_.inputs += merge.inputs.size();
    crash_point("after-output");
    return {};
  }

  Result<void> remove_inputs(const CompactionRecord& record) {
    std::vector<std::string> keys;
    for (const Merge& merge : record.merges) keys.insert(keys.end(), merge.inputs.begin(), merge.inputs.end());
    return remove(keys);
  }

  Result<void> remove(const std::vector<std::string>& keys) {
    STACK_TRY(announce_removal(store_, table_.table, process_unique_name()));
    return store_.remove_superseded(keys);
  }

  void note(const CompactionRecord& plan, const std::vector<MergeCandidate>& live) {
    std::set<std::string_view> merged;
    for (const Merge& merge : plan.merges) {
      ++table_.merged;
      table_.inputs += merge.inputs.size();
      merged.insert(merge.inputs.begin(), merge.inputs.end());
    }
    for (const MergeCandidate& file : live) {
      if (merged.contains(file.key)) {
        table_.bytes += file.size;
        progress_.bytes += file.size;
      } else if (!file.settled && plain_size(file.size, file.format, file.compression) < options_.target_size) {
        ++table_.waiting;
      }
    }
  }

  // Another compaction was first: what it decided counts.
  void unnote(const CompactionRecord& plan) {
    table_.merged -= plan.merges.size();
    for (const Merge& merge : plan.merges) table_.inputs -= merge.inputs.size();
  }

  const CompactionOptions& options_;
  ObjectStore& store_;
  const StopFlag& stop_;
  CompactionProgress& progress_;
  FileMerger merger_;
  CompactedTable table_;
};

}  // namespace

Result<std::vector<CompactedTable>> compact(const CompactionOptions& options, ObjectStore& store, const StopFlag& stop,
                                            CompactionProgress& progress) {
  STACK_TRY_ASSIGN(lanes, lanes_of(store, options.tables));
  for (const std::string& table : options.tables)
    if (std::ranges::find(lanes, table, &Lane::table) == lanes.end())
      return fail(ErrorKind::usage, fmt::format("no sink has written a table '{}' in {}", table, store.uri()));
  std::map<std::string, std::vector<Lane>> by_table;
  for (Lane& lane : lanes) by_table[lane.table].push_back(lane);
  const auto local = store.local_path("_stack/tmp");
  STACK_TRY_ASSIGN(scratch, ScratchFolder::make(local ? *local : std::filesystem::temp_directory_path()));
  std::vector<CompactedTable> tables;
  for (const auto& [table, its_lanes] : by_table) {
    TableCompactor compactor(options, store, stop, progress, *scratch, table);
    STACK_TRY_ASSIGN(compacted, compactor.run(its_lanes));
    tables.push_back(std::move(compacted));
  }
  return tables;
}

}  // namespace stack::lake
