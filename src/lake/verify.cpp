#include "lake/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>

#include "kafka/admin.hpp"
#include "lake/audit_files.hpp"
#include "lake/audit_topic.hpp"
#include "lake/claim.hpp"
#include "lake/each_key.hpp"
#include "lake/topic_bounds.hpp"

namespace stack::lake {
namespace {

constexpr std::size_t kMostMessages = 100;

// One audit: what the chains, the topic and the files say, put side by side.
class Audit {
 public:
  Audit(const VerifyOptions& options, kafka::TopicFacts topic) : options_(options), topic_(std::move(topic)) {}

  Result<VerifyResult> run(const kafka::Connection& connection, kafka::Admin& admin, ObjectStore& store,
                           const StopFlag& stop, VerifyProgress& progress) {
    // The ends first: what is claimed behind them while this runs is looked at by the chain's own end.
    STACK_TRY_ASSIGN(offsets, admin.settled_offsets(topic_));
    STACK_TRY(read_chains(store));
    STACK_TRY(reach_chains(admin, offsets));
    STACK_TRY_ASSIGN(bounds, read_bounds(store, options_.table, options_.topic));
    if (bounds) keep_within(*bounds, offsets);
    // Two independent readings, side by side.
    auto reading_files = std::async(std::launch::async, [&] { return count_files(store, options_, stop, progress); });
    auto topic = count_topic(connection, topic_, offsets, ranges_, stop, progress);
    auto files = reading_files.get();
    if (!topic) return std::unexpected(std::move(topic).error());
    if (!files) return std::unexpected(std::move(files).error());
    for (const MergedContent& merged : files->merged) spread(merged, *files);
    if (!files->expired.empty()) excuse_expired(*files);
    for (std::size_t i = 0; i < offsets.size(); ++i) compare_partition(i, offsets[i], *topic, *files);
    STACK_TRY(count_unclaimed(store, *files));
    if (files->expired.empty()) compare_sequences(*topic, *files);
    return std::move(result_);
  }

 private:
  Lane lane(std::size_t partition) const {
    return {options_.table, options_.topic, static_cast<std::int32_t>(partition)};
  }

  void say(std::string message) {
    if (result_.messages.size() < kMostMessages) result_.messages.push_back(std::move(message));
  }

  // OFFSETS' ends are moved to the chains' where these were claimed since; but a topic that has come to end before its
  // chain does is read to its own end.
  Result<void> reach_chains(kafka::Admin& admin, std::vector<kafka::OffsetRange>& offsets) {
    STACK_TRY_ASSIGN(now, admin.offsets(topic_));
    for (std::size_t i = 0; i < offsets.size(); ++i) {
      const std::int64_t chain_end = ranges_[i].end;
      offsets[i].end = std::min(std::max(offsets[i].end, chain_end), now[i].end);
      if (chain_end <= offsets[i].end) continue;
      say(
          fmt::format("{}/{}: the topic ends at {}, the lake's claims at {}: the topic lost offsets {} to {} (by a "
                      "power cut, an unclean election, or a restored older copy)",
                      topic_.name, i, offsets[i].end, chain_end, offsets[i].end, chain_end));
    }
    return {};
  }

  // What lies outside of the table's bounds is no business of its chains.
  void keep_within(const TopicBounds& bounds, std::vector<kafka::OffsetRange>& offsets) {
    is_part_ = true;
    for (std::size_t i = 0; i < offsets.size(); ++i) {
      const PartitionBounds bound = bounds.of(static_cast<std::int32_t>(i));
      offsets[i].end = std::min(offsets[i].end, bound.end);
      offsets[i].start = std::min(std::max(offsets[i].start, bound.from.value_or(0)), bound.end);
    }
  }

  Result<void> read_chains(ObjectStore& store) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(topic_.partitions); ++i) {
      STACK_TRY_ASSIGN(objects, store.list(claims_prefix(lane(i))));
      std::vector<std::string> keys;
      keys.reserve(objects.size());
      for (const ObjectInfo& object : objects) keys.push_back(object.key);
      STACK_TRY_ASSIGN(texts, for_each_key(store, keys, [&](const std::string& key) { return store.get(key); }));
      std::vector<Claim> chain;
      PartitionRanges ranges;
      for (std::size_t k = 0; k < keys.size(); ++k) {
        const std::string& key = keys[k];
        auto claim = parse_claim(texts[k].value_or(""), key);
        if (!claim) {
          say(claim.error().message);
          continue;
        }
        if (claim_key(lane(i), claim->first) != key) {
          say(fmt::format("the claim {} says that it begins at {}", key, claim->first));
          continue;
        }
        STACK_TRY(check_topic(i, *claim));
        const std::int64_t expected = chain.empty() ? 0 : chain.back().end;
        if (claim->first != expected) {
          say(fmt::format("{}/{}: the claims have a gap or an overlap: one begins at {}, not at {}", topic_.name, i,
                          claim->first, expected));
        }
        ranges.starts.push_back(claim->first);
        ranges.end = claim->end;
        chain.push_back(*std::move(claim));
      }
      chains_.push_back(std::move(chain));
      ranges_.push_back(std::move(ranges));
    }
    return {};
  }

  Result<void> check_topic(std::size_t partition, const Claim& claim) const {
    if (claim.topic_id.empty() || topic_.id.empty() || claim.topic_id == topic_.id) return {};
    return fail(ErrorKind::conflict,
                fmt::format("{}/{}: the topic was made anew: the lake's claims are of topic id {}, this one has id {}",
                            topic_.name, partition, claim.topic_id, topic_.id));
  }

  // A merged file holds what its ranges' claims say of its dt, or what is missing or too much is told of the file as a
  // whole; then each range is credited with what it says.
  void spread(const MergedContent& merged, FileCount& files) {
    const auto index = static_cast<std::size_t>(merged.partition);
    std::uint64_t expected = 0;
    if (index < chains_.size()) {
      for (const Claim& claim : chains_[index]) {
        if (claim.first < merged.first || claim.first >= merged.end) continue;
        for (const RangeFile& file : claim.files) {
          if (file.dt != merged.dt) continue;
          expected += file.rows;
          files.ranges[{merged.partition, claim.first}].rows += file.rows;
        }
      }
    }
    if (merged.rows == expected) return;
    // Of ranges that were claimed, closed and merged since the claims were read.
    if (index < ranges_.size() && merged.end > ranges_[index].end && merged.rows > expected) return;
    if (merged.rows < expected) result_.lost += expected - merged.rows;
    if (merged.rows > expected) result_.duplicated += merged.rows - expected;
    say(fmt::format("{}: {} rows, by the claims of its ranges it should have {}", merged.key, merged.rows, expected));
  }

  // What expired is there by its claims.
  void excuse_expired(FileCount& files) {
    std::uint64_t rows = 0;
    for (std::size_t i = 0; i < chains_.size(); ++i) {
      for (const Claim& claim : chains_[i]) {
        for (const RangeFile& file : claim.files) {
          if (!files.expired.contains(file.dt)) continue;
          files.ranges[{static_cast<std::int32_t>(i), claim.first}].rows += file.rows;
          rows += file.rows;
        }
      }
    }
    say(fmt::format(
        "{} rows are in {} partitions that have expired and were removed; events are not compared one by one", rows,
        files.expired.size()));
  }

  void compare_partition(std::size_t index, const kafka::OffsetRange& offsets, const TopicCount& topic,
                         const FileCount& files) {
    const TopicCount::Partition& counted = topic.partitions[index];
    const std::vector<Claim>& chain = chains_[index];
    PartitionAudit audit;
    audit.partition = static_cast<std::int32_t>(index);
    audit.log_start = offsets.start;
    audit.topic_end = offsets.end;
    audit.chain_end = ranges_[index].end;
    audit.ranges = chain.size();
    audit.records = counted.records;
    for (std::size_t i = 0; i < chain.size(); ++i) {
      compare_range(chain[i], chain_next(chain, i), counted.by_range[i], offsets, files, audit);
    }
    audit.cut_off = static_cast<std::uint64_t>(std::max<std::int64_t>(audit.chain_end - offsets.end, 0));
    if (!chain.empty() && offsets.start > audit.chain_end) {
      audit.lost += static_cast<std::uint64_t>(offsets.start - audit.chain_end);
      say(fmt::format("{}/{}: the log now starts at {}: offsets {} to {} were deleted before a sink took them",
                      topic_.name, index, offsets.start, audit.chain_end, offsets.start));
    }
    // What no claim covers is not in the lake, by the lake's own rule that claims are the only truth.
    audit.lost += counted.outside;
    if (counted.behind > 0) {
      say(fmt::format("{}/{}: {} records behind offset {} are not in the lake yet: stack sink --until-end lands them",
                      topic_.name, index, counted.behind, audit.chain_end));
    }
    result_.unfinished += counted.behind;
    result_.lost += audit.lost;
    result_.duplicated += audit.duplicated;
    result_.cut_off += audit.cut_off;
    result_.records += audit.records;
    result_.rows += audit.rows;
    result_.dead_letters += audit.dead_letters;
    result_.ranges += audit.ranges;
    result_.partitions.push_back(audit);
  }

  static std::int64_t chain_next(const std::vector<Claim>& chain, std::size_t i) {
    return i + 1 < chain.size() ? chain[i + 1].first : chain[i].end;
  }

  void compare_range(const Claim& claim, std::int64_t next, std::uint64_t in_topic, const kafka::OffsetRange& log,
                     const FileCount& files, PartitionAudit& audit) {
    const auto found = files.ranges.find({audit.partition, claim.first});
    const RangeContent content = found == files.ranges.end() ? RangeContent{} : found->second;
    audit.rows += content.rows;
    audit.dead_letters += content.dead_letters;
    // A range that the log no longer holds whole can only be held against its claim.
    const bool trimmed = log.start > claim.first_record_offset() || log.end < claim.end;
    if (trimmed) ++audit.trimmed_ranges;
    const std::uint64_t expected = trimmed ? claim.records : in_topic;
    const std::uint64_t landed = content.rows + content.dead_letters;
    if (landed == expected) return;
    if (landed < expected) audit.lost += expected - landed;
    if (landed > expected) audit.duplicated += landed - expected;
    say(fmt::format("{}/{}: offsets {} to {} hold {} records{}, the lake has {} rows and {} dead letters of them",
                    topic_.name, audit.partition, claim.first, next, expected, trimmed ? " by their claim" : "",
                    content.rows, content.dead_letters));
  }

  // Files that readers see and no claim vouches for.
  Result<void> count_unclaimed(ObjectStore& store, const FileCount& files) {
    for (const auto& [name, content] : files.ranges) {
      const auto index = static_cast<std::size_t>(name.partition);
      const bool claimed =
          index < chains_.size() && std::ranges::binary_search(chains_[index], name.first, {}, &Claim::first);
      if (claimed) continue;
      if (index < chains_.size() && name.first >= ranges_[index].end) {
        STACK_TRY_ASSIGN(claimed_since, store.get(claim_key(lane(index), name.first)));
        if (claimed_since) continue;  // a sink that goes on while this audit runs
      }
      result_.duplicated += content.rows;
      result_.rows += content.rows;
      say(fmt::format("{}: {} rows under no claim", content.keys.front(), content.rows));
    }
    for (const auto& [key, rows] : files.intruders) {
      result_.duplicated += rows;
      result_.rows += rows;
      say(fmt::format("{}: {} rows in a file that no sink wrote, which queries count; move it out of the table", key,
                      rows));
    }
    if (!files.superseded.empty())
      say(fmt::format(
          "{} files have been merged into others and are still there, e.g. {}: `stack compact` removes them",
          files.superseded.size(), files.superseded.front()));
    for (const std::string& key : files.strangers) say(fmt::format("{}: not a file of this topic's sink", key));
    return {};
  }

  void compare_sequences(const TopicCount& topic, const FileCount& files) {
    const SequenceCensus& in_topic = topic.sequences;
    const SequenceCensus& in_lake = files.sequences;
    if (in_topic.without_sequence() + in_lake.without_sequence() > 0 || !in_topic.is_bounded() ||
        !in_lake.is_bounded() || in_lake.symbols() + in_topic.symbols() == 0) {
      return;  // not a feed of ticks
    }
    static const SequenceSet nothing;
    in_topic.for_each([&](const std::string& symbol, const SequenceSet& sent) {
      const SequenceSet* landed = in_lake.find(symbol);
      const auto missing = sent.without(landed != nullptr ? *landed : nothing);
      if (missing.count == 0) return;
      result_.missing_sequences += missing.count;
      say(fmt::format("{}: {} events of the topic are not in the lake, the first is seq {}", symbol, missing.count,
                      missing.least));
    });
    if (is_feed_of_ours()) look_for_gaps(in_topic, in_lake);
    result_.symbols = std::max(in_topic.symbols(), in_lake.symbols());
    result_.duplicated_sequences = in_lake.duplicates();
    result_.lost = std::max(result_.lost, result_.missing_sequences);
    compare_copies(in_lake.duplicates());
  }

  void compare_copies(std::uint64_t found) {
    if (found == options_.copies) return;
    if (options_.copies == 0)
      say(fmt::format("{} events are in the lake twice by (symbol, seq)", found));
    else
      say(fmt::format("{} events are in the lake twice by (symbol, seq), {} are meant to be", found, options_.copies));
    if (found > options_.copies)
      result_.duplicated = std::max(result_.duplicated, found - options_.copies);
    else
      result_.lost = std::max(result_.lost, options_.copies - found);
  }

  // A feed of this program counts from 0 without gaps for each symbol; while the topic holds all of it, so must both.
  // But for the seq that may be absent.
  void look_for_gaps(const SequenceCensus& in_topic, const SequenceCensus& in_lake) {
    std::uint64_t may_be_absent = options_.absent;
    in_topic.for_each([&](const std::string& symbol, const SequenceSet& sent) {
      const auto whole = static_cast<std::uint64_t>(sent.greatest() + 1);
      const SequenceSet* landed = in_lake.find(symbol);
      if (sent.size() == whole || (landed != nullptr && landed->size() == whole)) return;
      const std::uint64_t absent = whole - sent.size();
      const std::uint64_t excused = std::min(absent, may_be_absent);
      may_be_absent -= excused;
      if (absent == excused) return;
      result_.missing_sequences += absent - excused;
      say(fmt::format("{}: {} seq below {} were never in the topic", symbol, absent - excused, whole));
    });
  }

  // Whether the claims name a feed, whose topic the table holds as a whole, and no partition's log was trimmed.
  bool is_feed_of_ours() const {
    if (is_part_) return false;
    bool named = false;
    for (const auto& chain : chains_) {
      for (const Claim& claim : chain) named = named || !claim.feed.empty();
    }
    return named && std::ranges::all_of(result_.partitions, [](const auto& audit) { return audit.log_start == 0; });
  }

  const VerifyOptions& options_;
  kafka::TopicFacts topic_;
  std::vector<std::vector<Claim>> chains_;
  std::vector<PartitionRanges> ranges_;
  bool is_part_ = false;  // of the topic
  VerifyResult result_;
};

}  // namespace

Result<VerifyResult> verify(const VerifyOptions& options, const kafka::Connection& connection, ObjectStore& store,
                            const StopFlag& stop, VerifyProgress& progress) {
  STACK_TRY(check_topic_name(options.topic));
  STACK_TRY(check_table_name(options.table));
  STACK_TRY_ASSIGN(admin, kafka::Admin::connect(connection, &stop));
  STACK_TRY_ASSIGN(topic, admin.existing_topic(options.topic));
  return Audit(options, std::move(topic)).run(connection, admin, store, stop, progress);
}

}  // namespace stack::lake
