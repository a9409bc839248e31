#include "lake/dead_letter_replay.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <memory>
#include <random>
#include <unordered_set>
#include <vector>

#include "kafka/admin.hpp"
#include "kafka/consumer.hpp"
#include "kafka/record_producer.hpp"
#include "lake/crash_point.hpp"
#include "lake/dead_letter_copy.hpp"
#include "lake/json_text.hpp"
#include "lake/lake_layout.hpp"

namespace stack::lake {
namespace {

constexpr const char* kPositionHeader = "stack-dlq-position";
constexpr const char* kReplayHeader = "stack-dlq-replay";
constexpr std::size_t kRecordsATransaction = 1'000;
constexpr std::size_t kBytesATransaction = 8U << 20;
constexpr Milliseconds kOpenTransaction{60'000};  // of others, that is waited for

using Positions = std::unordered_set<std::string>;

// One of a table's replays to a topic.
struct Replay {
  std::uint64_t number = 0;
  std::string id;
  std::string topic_id;
  std::vector<std::int64_t> starts;  // where each partition ended when it was begun
  bool finished = false;
};

std::string replays_prefix(const ReplayOptions& options) {
  return fmt::format("_stack/replays/{}/{}/", options.table, options.to_topic);
}

std::string replay_key(const ReplayOptions& options, std::uint64_t number) {
  return fmt::format("{}{:06}", replays_prefix(options), number);
}

std::string done_key(const ReplayOptions& options, std::uint64_t number) {
  return replay_key(options, number) + ".done";
}

std::string to_json(const Replay& replay) {
  return fmt::format(R"({{"version":1,"id":{},"topic_id":{},"starts":[{}]}})"
                     "\n",
                     json_string(replay.id), json_string(replay.topic_id), fmt::join(replay.starts, ","));
}

Result<Replay> parse_replay(std::string_view json, const std::string& key) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::array starts;
  std::string_view id;
  std::string_view topic_id;
  std::int64_t version = 0;
  Replay replay;
  bool sound = parser.parse(json.data(), json.size()).get(root) == simdjson::SUCCESS &&
               root["version"].get(version) == simdjson::SUCCESS && version == 1 &&
               root["id"].get(id) == simdjson::SUCCESS && root["topic_id"].get(topic_id) == simdjson::SUCCESS &&
               root["starts"].get(starts) == simdjson::SUCCESS;
  if (sound) {
    for (const auto start : starts) sound = start.get(replay.starts.emplace_back()) == simdjson::SUCCESS && sound;
  }
  if (!sound) return fail(ErrorKind::conflict, fmt::format("{} is no replay of this program's, or a newer one's", key));
  replay.id = id;
  replay.topic_id = topic_id;
  return replay;
}

std::string new_id() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

// Sends what was not sent yet.
class Replaying {
 public:
  Replaying(const ReplayOptions& options, const kafka::Connection& connection, kafka::Admin& admin,
            kafka::TopicFacts topic, ObjectStore& store, const StopFlag& stop)
      : options_(options),
        connection_(connection),
        admin_(admin),
        topic_(std::move(topic)),
        store_(store),
        stop_(stop) {}

  Result<ReplaySummary> run() {
    // Opened first: from then on nobody else sends, and what a predecessor had not committed is aborted.
    if (!options_.dry_run) {
      STACK_TRY_ASSIGN(producer, kafka::RecordProducer::open(connection_, topic_.name, transactional_id(), &stop_));
      producer_ = std::move(producer);
    }
    STACK_TRY_ASSIGN(logs, admin_.decided_offsets(topic_, kOpenTransaction));
    if (logs.empty())
      return fail(ErrorKind::unreachable,
                  fmt::format("topic {}: somebody's transaction stays open, so that what was sent behind it cannot be "
                              "seen; try again when it is over",
                              topic_.name));
    STACK_TRY(choose_replay(logs));
    STACK_TRY(read_sent(logs));
    STACK_TRY(send_all());
    // One that was killed behind its last commit has nothing left to send either, and ends well.
    if (summary_.matched > 0 && summary_.sent == 0 && replay_.finished) return nothing_left();
    if (!options_.dry_run && !cut_short_) STACK_TRY(store_.put(done_key(options_, replay_.number), "{}\n"));
    return summary_;
  }

 private:
  std::string transactional_id() const {
    std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a
    for (const std::string& part : {store_.uri(), options_.table, options_.to_topic}) {
      for (const char c : part) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
      hash = (hash ^ 0xffU) * 0x100000001b3ULL;
    }
    return fmt::format("stack-replay-{:016x}", hash);
  }

  Result<std::optional<Replay>> latest_replay() {
    STACK_TRY_ASSIGN(objects, store_.list(replays_prefix(options_)));
    std::optional<Replay> latest;
    for (const ObjectInfo& object : objects) {
      if (object.key.ends_with(".done")) {
        if (latest) latest->finished = true;  // sorts right behind its replay
        continue;
      }
      STACK_TRY_ASSIGN(json, store_.get(object.key));
      STACK_TRY_ASSIGN(replay, parse_replay(json.value_or(""), object.key));
      replay.number = latest ? latest->number + 1 : 1;
      latest = std::move(replay);
    }
    return latest;
  }

  // Why the topic does not tell any more what LATEST sent; empty: it does.
  std::string forgotten(const Replay& latest, const std::vector<kafka::OffsetRange>& logs) const {
    if (latest.topic_id != topic_.id) return "the topic was made anew";
    for (std::size_t i = 0; i < latest.starts.size() && i < logs.size(); ++i) {
      if (logs[i].start > latest.starts[i] || logs[i].end < latest.starts[i])
        return fmt::format("offsets from {} on of {}/{} are gone", latest.starts[i], topic_.name, i);
    }
    return {};
  }

  Result<void> choose_replay(const std::vector<kafka::OffsetRange>& logs) {
    STACK_TRY_ASSIGN(latest, latest_replay());
    if (latest) {
      const std::string lost = forgotten(*latest, logs);
      if (lost.empty() && !(options_.again && latest->finished)) {
        replay_ = *std::move(latest);
        return {};
      }
      if (!lost.empty() && !options_.again)
        return fail(ErrorKind::conflict,
                    fmt::format("dead letters of the table '{}' were replayed to topic {} before, and which cannot be "
                                "told any more ({}); --again sends all of them",
                                options_.table, topic_.name, lost));
    }
    replay_ = {.number = latest ? latest->number + 1 : 1, .id = new_id(), .topic_id = topic_.id, .starts = {}};
    for (const auto& log : logs) replay_.starts.push_back(log.end);
    if (options_.dry_run) return {};
    STACK_TRY_ASSIGN(outcome, store_.put_if_absent(replay_key(options_, replay_.number), to_json(replay_)));
    if (outcome == PutOutcome::created) return {};
    return fail(ErrorKind::conflict, fmt::format("another replay of the table '{}' to topic {} has just begun",
                                                 options_.table, topic_.name));
  }

  // The positions that the topic has from this replay.
  Result<void> read_sent(const std::vector<kafka::OffsetRange>& logs) {
    std::vector<kafka::PartitionOffset> from;
    std::vector<bool> done(logs.size(), true);
    for (std::size_t i = 0; i < logs.size(); ++i) {
      const std::int64_t start = i < replay_.starts.size() ? replay_.starts[i] : logs[i].start;
      if (start >= logs[i].end) continue;
      from.push_back({static_cast<std::int32_t>(i), start});
      done[i] = false;
    }
    if (from.empty()) return {};
    STACK_TRY_ASSIGN(reader, kafka::Consumer::assign(connection_, topic_.name, from, {}));
    while (std::ranges::find(done, false) != done.end()) {
      if (stop_.requested()) return fail(ErrorKind::interrupted, "the replay was interrupted");
      STACK_TRY_ASSIGN(batch, reader->poll(Milliseconds{100}));
      for (std::size_t i = 0; i < batch.size(); ++i) {
        const kafka::Message message = batch[i];
        const auto partition = static_cast<std::size_t>(message.partition());
        if (message.offset() + 1 >= logs[partition].end) done[partition] = true;
        if (message.header(kReplayHeader) != std::optional<std::string_view>(replay_.id)) continue;
        if (const auto position = message.header(kPositionHeader)) sent_.emplace(*position);
      }
      for (const auto& end : batch.ends()) {
        const auto partition = static_cast<std::size_t>(end.partition);
        if (end.offset >= logs[partition].end) done[partition] = true;
      }
    }
    return {};
  }

  Result<void> send_all() {
    STACK_TRY(for_each_dead_letter(store_, options_.table, options_.filter,
                                   [this](const std::string&, const StoredDeadLetter& letter) -> Result<bool> {
                                     if (stop_.requested())
                                       return fail(ErrorKind::interrupted, "the replay was interrupted; run it again");
                                     return take(letter);
                                   }));
    return commit();
  }

  Result<bool> take(const StoredDeadLetter& letter) {
    const std::string position = dead_letter_position(letter.topic, letter.partition, letter.offset);
    ++summary_.matched;
    if (sent_.contains(position)) {
      ++summary_.already;
      return true;
    }
    if (options_.limit > 0 && summary_.sent == options_.limit) {
      cut_short_ = true;
      return false;
    }
    ++summary_.sent;
    if (options_.dry_run) return true;
    STACK_TRY(send(letter, position));
    return true;
  }

  Result<void> send(const StoredDeadLetter& letter, const std::string& position) {
    if (!deliveries_) {
      STACK_TRY(producer_->begin());
      deliveries_ = std::make_shared<kafka::Deliveries>();
    }
    const std::string time = std::to_string(letter.timestamp_ms);
    const std::vector<kafka::RecordHeader> headers = {{kPositionHeader, position},
                                                      {kReplayHeader, replay_.id},
                                                      {"stack-dlq-reason", letter.reason},
                                                      {"stack-dlq-timestamp", time}};
    const auto view = [](const std::optional<std::string>& bytes) {
      return bytes ? std::string_view(*bytes) : std::string_view{};
    };
    producer_->send({.key = view(letter.key), .value = view(letter.value), .headers = headers}, deliveries_);
    bytes_ += letter.value ? letter.value->size() : 0;
    if (deliveries_->sent() < kRecordsATransaction && bytes_ < kBytesATransaction) return {};
    return commit();
  }

  Result<void> commit() {
    if (!deliveries_) return {};
    const auto deliveries = std::exchange(deliveries_, nullptr);
    bytes_ = 0;
    if (auto delivered = producer_->await(*deliveries); !delivered) {
      producer_->abort();
      return delivered;
    }
    crash_point("before-replay-commit");
    STACK_TRY(producer_->commit());
    crash_point("after-replay-commit");
    return {};
  }

  std::unexpected<Error> nothing_left() const {
    return fail(ErrorKind::conflict,
                fmt::format("all {} dead letters of the table '{}' that were asked for have been replayed to topic {} "
                            "before; --again sends them once more",
                            summary_.matched, options_.table, topic_.name));
  }

  const ReplayOptions& options_;
  const kafka::Connection& connection_;
  kafka::Admin& admin_;
  kafka::TopicFacts topic_;
  ObjectStore& store_;
  const StopFlag& stop_;
  std::unique_ptr<kafka::RecordProducer> producer_;
  Replay replay_;
  Positions sent_;
  std::shared_ptr<kafka::Deliveries> deliveries_;  // of the open transaction; null: none is open
  std::size_t bytes_ = 0;                          // in it
  bool cut_short_ = false;
  ReplaySummary summary_;
};

}  // namespace

Result<ReplaySummary> replay_dead_letters(const ReplayOptions& options, const kafka::Connection& connection,
                                          ObjectStore& store, const StopFlag& stop) {
  STACK_TRY(check_table_name(options.table));
  STACK_TRY(check_topic_name(options.to_topic));
  STACK_TRY_ASSIGN(admin, kafka::Admin::connect(connection, &stop));
  STACK_TRY_ASSIGN(topic, admin.existing_topic(options.to_topic));
  return Replaying(options, connection, admin, std::move(topic), store, stop).run();
}

}  // namespace stack::lake
