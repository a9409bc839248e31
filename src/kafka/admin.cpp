#include "kafka/admin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <thread>

#include "kafka/access_error.hpp"
#include "kafka/client_log.hpp"
#include "kafka/passing_refusal.hpp"

namespace stack::kafka {
namespace {

constexpr Milliseconds kAskAgain{500};
constexpr Milliseconds kNotice{5'000};
constexpr Milliseconds kLongestAttempt{5'000};  // to list offsets: a client that asks without end learns nothing new
constexpr Milliseconds kShortAttempt{1'000};
// Between attempts to make a topic; each pause is twice the one before.
constexpr Milliseconds kFirstPause{100};
constexpr Milliseconds kLongestPause{2'000};
// Of a login that one server refuses for certain: another one may take it, and the same is asked twice.
constexpr Milliseconds kLockedOut{1'000};

using std::chrono::steady_clock;

// Of a refusal: the next attempt may be answered otherwise, or never.
ErrorKind kind_of(rd_kafka_resp_err_t code) { return may_pass(code) ? ErrorKind::unreachable : ErrorKind::usage; }

std::vector<std::int32_t> all_partitions(const TopicFacts& topic) {
  std::vector<std::int32_t> partitions(static_cast<std::size_t>(topic.partitions));
  std::iota(partitions.begin(), partitions.end(), 0);
  return partitions;
}

}  // namespace

struct Admin::State {
  Connection connection;
  ClientLog log;
  ClientHandle client;
  QueueHandle queue;
  const StopFlag* stop = nullptr;  // of connecting alone

  explicit State(const Connection& given) : connection(given), log(given.on_notice) {}

  // A client that knows nothing yet; in place of the one before, if there is one.
  [[nodiscard]] Result<void> open() {
    STACK_TRY_ASSIGN(conf, make_conf(connection, {}, log));
    std::array<char, 512> reason{};
    queue.reset();
    client.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), reason.data(), reason.size()));
    if (!client) return std::unexpected(not_configured(reason.data()));
    [[maybe_unused]] const auto* the_clients = conf.release();
    queue.reset(rd_kafka_queue_new(client.get()));
    return begin_token_login(client.get(), connection, stop);
  }

  // Waits for the answer to a request that was made on `queue`.
  [[nodiscard]] Result<EventHandle> answer(const std::string& what) {
    EventHandle event{rd_kafka_queue_poll(queue.get(), static_cast<int>(connection.connect_timeout.count()))};
    if (!event) return std::unexpected(unanswered(connection, log));
    if (const auto code = rd_kafka_event_error(event.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      const bool away = code == RD_KAFKA_RESP_ERR__TIMED_OUT || code == RD_KAFKA_RESP_ERR__TRANSPORT;
      if (away) return std::unexpected(unanswered(connection, log));
      return fail(kind_of(code), fmt::format("{} at {}: {}", what, connection.bootstrap_servers,
                                             rd_kafka_event_error_string(event.get())));
    }
    log.logged_in();
    return event;
  }

  [[nodiscard]] Handle<rd_kafka_AdminOptions_t> options(rd_kafka_admin_op_t operation) const {
    return options(operation, connection.connect_timeout);
  }
  [[nodiscard]] Handle<rd_kafka_AdminOptions_t> options(rd_kafka_admin_op_t operation, Milliseconds timeout) const {
    Handle<rd_kafka_AdminOptions_t> made{rd_kafka_AdminOptions_new(client.get(), operation)};
    std::array<char, 256> reason{};
    rd_kafka_AdminOptions_set_request_timeout(made.get(), static_cast<int>(timeout.count()), reason.data(),
                                              reason.size());
    return made;
  }
};

Admin::Admin(std::unique_ptr<State> state) : state_(std::move(state)) {}
Admin::Admin(Admin&&) noexcept = default;
Admin::~Admin() = default;

Result<Admin> Admin::connect(const Connection& connection, const StopFlag* stop) {
  auto state = std::make_unique<State>(connection);
  state->stop = stop;
  STACK_TRY(state->open());
  state->stop = nullptr;

  const auto deadline = steady_clock::now() + connection.connect_timeout;
  auto next_notice = steady_clock::now() + Milliseconds{1'000};
  for (;;) {
    const rd_kafka_metadata_t* metadata = nullptr;
    const auto code =
        rd_kafka_metadata(state->client.get(), 0, nullptr, &metadata, static_cast<int>(kAskAgain.count()));
    const Handle<const rd_kafka_metadata_t> owned{metadata};
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return Admin{std::move(state)};
    rd_kafka_poll(state->client.get(), 0);
    const auto now = steady_clock::now();
    if (const auto refused = state->log.login_error();
        refused && refused->certain() && state->log.locked_out() >= kLockedOut)
      return std::unexpected(refused->error());
    if (now >= deadline) return std::unexpected(unanswered(connection, state->log));
    if (stop != nullptr && stop->requested())
      return fail(ErrorKind::interrupted,
                  fmt::format("stopped while waiting for Kafka at {}", connection.bootstrap_servers));
    if (now >= next_notice && connection.on_notice) {
      connection.on_notice(fmt::format("waiting for Kafka at {}, {:.0f} s left", connection.bootstrap_servers,
                                       std::chrono::duration<double>(deadline - now).count()));
      next_notice = now + kNotice;
    }
    std::this_thread::sleep_for(std::min<steady_clock::duration>(Milliseconds{100}, deadline - now));
  }
}

Result<std::string> Admin::cluster_id() {
  const int timeout = static_cast<int>(state_->connection.connect_timeout.count());
  const std::unique_ptr<char, decltype(&std::free)> id{rd_kafka_clusterid(state_->client.get(), timeout), &std::free};
  if (!id) return std::unexpected(unanswered(state_->connection, state_->log));
  return std::string{id.get()};
}

Result<std::optional<TopicFacts>> Admin::topic(const std::string& name) {
  std::array<const char*, 1> names{name.c_str()};
  const Handle<rd_kafka_TopicCollection_t> topics{rd_kafka_TopicCollection_of_topic_names(names.data(), names.size())};
  const auto options = state_->options(RD_KAFKA_ADMIN_OP_DESCRIBETOPICS);
  rd_kafka_DescribeTopics(state_->client.get(), topics.get(), options.get(), state_->queue.get());
  STACK_TRY_ASSIGN(event, state_->answer(fmt::format("topic {}", name)));
  std::size_t count = 0;
  const auto* found = rd_kafka_DescribeTopics_result_topics(rd_kafka_event_DescribeTopics_result(event.get()), &count);
  if (count == 0) return std::optional<TopicFacts>{};
  if (const auto* error = rd_kafka_TopicDescription_error(found[0]);
      error != nullptr && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    const auto code = rd_kafka_error_code(error);
    if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
      return std::optional<TopicFacts>{};
    if (auto refused = access_error(state_->connection, code, {.operation = "Describe", .topic = name}))
      return std::unexpected(*std::move(refused));
    return fail(kind_of(code), fmt::format("topic {}: {}", name, rd_kafka_error_string(error)));
  }
  TopicFacts facts;
  facts.name = name;
  facts.id = rd_kafka_Uuid_base64str(rd_kafka_TopicDescription_topic_id(found[0]));
  std::size_t partitions = 0;
  const auto* each = rd_kafka_TopicDescription_partitions(found[0], &partitions);
  facts.partitions = static_cast<std::int32_t>(partitions);
  if (partitions > 0) {
    std::size_t replicas = 0;
    (void)rd_kafka_TopicPartitionInfo_replicas(each[0], &replicas);
    facts.replication = static_cast<std::int32_t>(replicas);
  }
  return facts;
}

Result<TopicFacts> Admin::existing_topic(const std::string& name) {
  STACK_TRY_ASSIGN(facts, topic(name));
  if (!facts)
    return fail(ErrorKind::usage, fmt::format("topic {} does not exist at {}; make it with `stack topic create {}`, or "
                                              "by producing to it",
                                              name, state_->connection.bootstrap_servers, name));
  return *std::move(facts);
}

Result<TopicConfigs> Admin::topic_configs(const std::string& name) {
  const Handle<rd_kafka_ConfigResource_t> asked{rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name.c_str())};
  std::array<rd_kafka_ConfigResource_t*, 1> resources{asked.get()};
  const auto options = state_->options(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
  rd_kafka_DescribeConfigs(state_->client.get(), resources.data(), resources.size(), options.get(),
                           state_->queue.get());
  const auto what = fmt::format("settings of topic {}", name);
  STACK_TRY_ASSIGN(event, state_->answer(what));
  std::size_t count = 0;
  const auto* found =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  if (count != 1) return fail(ErrorKind::unreachable, fmt::format("{}: no answer", what));
  if (const auto code = rd_kafka_ConfigResource_error(found[0]); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (auto refused = access_error(state_->connection, code, {.operation = "DescribeConfigs", .topic = name}))
      return std::unexpected(*std::move(refused));
    return fail(kind_of(code), fmt::format("{} cannot be read: {}", what, rd_kafka_err2str(code)));
  }
  std::size_t entries = 0;
  const auto* each = rd_kafka_ConfigResource_configs(found[0], &entries);
  TopicConfigs configs;
  for (std::size_t i = 0; i < entries; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(each[i]);
    configs.emplace(rd_kafka_ConfigEntry_name(each[i]), value == nullptr ? "" : value);
  }
  return configs;
}

// One attempt. None: the topic is made; otherwise the words of a refusal that may pass.
Result<std::optional<std::string>> Admin::ask_for_topic(const NewTopic& topic) {
  std::array<char, 512> reason{};
  const Handle<rd_kafka_NewTopic_t> made{
      rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, topic.replication, reason.data(), reason.size())};
  if (!made) return fail(ErrorKind::usage, fmt::format("topic {}: {}", topic.name, reason.data()));
  for (const auto& [name, value] : topic.configs) rd_kafka_NewTopic_set_config(made.get(), name.c_str(), value.c_str());
  std::array<rd_kafka_NewTopic_t*, 1> topics{made.get()};
  const auto options = state_->options(RD_KAFKA_ADMIN_OP_CREATETOPICS);
  rd_kafka_CreateTopics(state_->client.get(), topics.data(), topics.size(), options.get(), state_->queue.get());
  STACK_TRY_ASSIGN(event, state_->answer(fmt::format("making topic {}", topic.name)));
  std::size_t count = 0;
  const auto* results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  const auto code = count == 1 ? rd_kafka_topic_result_error(results[0]) : RD_KAFKA_RESP_ERR_UNKNOWN;
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return std::optional<std::string>{};
  if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
    return fail(ErrorKind::conflict, fmt::format("topic {} exists already", topic.name));
  if (auto refused = access_error(state_->connection, code, {.operation = "Create", .topic = topic.name}))
    return std::unexpected(*std::move(refused));
  const char* text = count == 1 ? rd_kafka_topic_result_error_string(results[0]) : nullptr;
  auto said = fmt::format("topic {} with {} partitions cannot be made at {}: {}", topic.name, topic.partitions,
                          state_->connection.bootstrap_servers, text == nullptr ? rd_kafka_err2str(code) : text);
  // Of the replicas that are the cluster's own default, some brokers are yet to come.
  const bool passes = may_pass(code) || (code == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR && topic.replication < 0);
  if (!passes) return fail(ErrorKind::usage, std::move(said));
  return std::optional{std::move(said)};
}

Result<void> Admin::create_topic(const NewTopic& topic) {
  const auto& connection = state_->connection;
  const auto deadline = steady_clock::now() + connection.connect_timeout;
  auto next_notice = steady_clock::now();
  for (auto pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
    STACK_TRY_ASSIGN(refusal, ask_for_topic(topic));
    if (!refusal) return {};
    const auto now = steady_clock::now();
    if (now + pause >= deadline)
      return fail(ErrorKind::unreachable, fmt::format("{}; this may pass: try again later, or give it longer with "
                                                      "--connect-timeout",
                                                      *refusal));
    if (now >= next_notice && connection.on_notice) {
      connection.on_notice(fmt::format("{}; trying again for {:.0f} s", *refusal,
                                       std::chrono::duration<double>(deadline - now).count()));
      next_notice = now + kNotice;
    }
    std::this_thread::sleep_for(pause);
    STACK_TRY(state_->open());  // one that asks anew who the controller is
  }
}

Result<TopicFacts> Admin::ensure_topic(const NewTopic& wanted) {
  STACK_TRY_ASSIGN(found, topic(wanted.name));
  if (!found) {
    if (auto created = create_topic(wanted); !created && created.error().kind != ErrorKind::conflict)
      return std::unexpected(std::move(created).error());
    // The new topic's metadata reaches the brokers a moment later.
    const auto deadline = steady_clock::now() + state_->connection.connect_timeout;
    for (;;) {
      STACK_TRY_ASSIGN(made, topic(wanted.name));
      found = std::move(made);
      if (found && found->partitions > 0) break;
      if (steady_clock::now() >= deadline)
        return fail(ErrorKind::unreachable, fmt::format("topic {} was made but does not appear; ask `stack topic "
                                                        "describe {}` later",
                                                        wanted.name, wanted.name));
      std::this_thread::sleep_for(Milliseconds{50});
    }
  }
  if (found->partitions != wanted.partitions)
    return fail(ErrorKind::conflict,
                fmt::format("topic {} has {} partitions, not {}: say --partitions {}, or choose another --topic",
                            wanted.name, found->partitions, wanted.partitions, found->partitions));
  return *std::move(found);
}

Result<void> Admin::delete_topic(const std::string& name) {
  const Handle<rd_kafka_DeleteTopic_t> doomed{rd_kafka_DeleteTopic_new(name.c_str())};
  std::array<rd_kafka_DeleteTopic_t*, 1> topics{doomed.get()};
  const auto options = state_->options(RD_KAFKA_ADMIN_OP_DELETETOPICS);
  rd_kafka_DeleteTopics(state_->client.get(), topics.data(), topics.size(), options.get(), state_->queue.get());
  STACK_TRY_ASSIGN(event, state_->answer(fmt::format("deleting topic {}", name)));
  std::size_t count = 0;
  const auto* results = rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event.get()), &count);
  if (count == 1) {
    const auto code = rd_kafka_topic_result_error(results[0]);
    if (auto refused = access_error(state_->connection, code, {.operation = "Delete", .topic = name}))
      return std::unexpected(*std::move(refused));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
      return fail(ErrorKind::usage, fmt::format("topic {} cannot be deleted: {}", name, rd_kafka_err2str(code)));
  }
  const auto deadline = steady_clock::now() + state_->connection.connect_timeout;
  for (;;) {
    STACK_TRY_ASSIGN(left, topic(name));
    if (!left) return {};
    if (steady_clock::now() >= deadline)
      return fail(ErrorKind::unreachable, fmt::format("topic {} is marked for deletion but still there", name));
    std::this_thread::sleep_for(Milliseconds{50});
  }
}

// In the order of PARTITIONS.
Result<std::vector<std::int64_t>> Admin::list_offsets(const std::string& topic,
                                                      std::span<const std::int32_t> partitions, std::int64_t which,
                                                      rd_kafka_IsolationLevel_t isolation, Milliseconds timeout) {
  const PartitionListHandle asked{rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const std::int32_t partition : partitions)
    rd_kafka_topic_partition_list_add(asked.get(), topic.c_str(), partition)->offset = which;
  const auto options = state_->options(RD_KAFKA_ADMIN_OP_LISTOFFSETS, timeout);
  const ErrorHandle refused{rd_kafka_AdminOptions_set_isolation_level(options.get(), isolation)};
  rd_kafka_ListOffsets(state_->client.get(), asked.get(), options.get(), state_->queue.get());
  STACK_TRY_ASSIGN(event, state_->answer(fmt::format("offsets of topic {}", topic)));
  std::size_t count = 0;
  const auto* infos = rd_kafka_ListOffsets_result_infos(rd_kafka_event_ListOffsets_result(event.get()), &count);
  std::vector<std::int64_t> offsets(partitions.size(), -1);
  for (std::size_t i = 0; i < count; ++i) {
    const auto* found = rd_kafka_ListOffsetsResultInfo_topic_partition(infos[i]);
    if (auto denied = access_error(state_->connection, found->err, {.operation = "Describe", .topic = topic}))
      return std::unexpected(*std::move(denied));
    if (found->err != RD_KAFKA_RESP_ERR_NO_ERROR)
      return fail(ErrorKind::unreachable,
                  fmt::format("offsets of {}/{}: {}", topic, found->partition, rd_kafka_err2str(found->err)));
    const auto at = std::ranges::find(partitions, found->partition);
    if (at != partitions.end()) offsets[static_cast<std::size_t>(at - partitions.begin())] = found->offset;
  }
  return offsets;
}

Result<std::vector<OffsetRange>> Admin::list_ranges(const std::string& topic, std::span<const std::int32_t> partitions,
                                                    Milliseconds timeout) {
  constexpr auto committed = RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED;
  STACK_TRY_ASSIGN(starts, list_offsets(topic, partitions, RD_KAFKA_OFFSET_SPEC_EARLIEST, committed, timeout));
  STACK_TRY_ASSIGN(ends, list_offsets(topic, partitions, RD_KAFKA_OFFSET_SPEC_LATEST, committed, timeout));
  std::vector<OffsetRange> ranges(partitions.size());
  for (std::size_t i = 0; i < ranges.size(); ++i) ranges[i] = {starts[i], ends[i]};
  return ranges;
}

// What the cluster says; a leader that has just died is still named until its session is over.
Result<std::vector<std::int32_t>> Admin::led_partitions(const TopicFacts& topic) {
  const Handle<rd_kafka_topic_t> handle{rd_kafka_topic_new(state_->client.get(), topic.name.c_str(), nullptr)};
  const rd_kafka_metadata_t* raw = nullptr;
  const auto code =
      rd_kafka_metadata(state_->client.get(), 0, handle.get(), &raw, static_cast<int>(kLongestAttempt.count()));
  const Handle<const rd_kafka_metadata_t> metadata{raw};
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR || metadata->topic_cnt != 1)
    return std::unexpected(no_broker_answers(state_->connection, state_->log.latest()));
  std::vector<std::int32_t> led;
  const auto& found = metadata->topics[0];
  for (int i = 0; i < found.partition_cnt; ++i) {
    if (found.partitions[i].leader >= 0 && found.partitions[i].id < topic.partitions)
      led.push_back(found.partitions[i].id);
  }
  std::ranges::sort(led);
  return led;
}

Error Admin::without_leader(const TopicFacts& topic, std::int32_t partition) const {
  const std::chrono::duration<double> timeout = state_->connection.connect_timeout;
  return {ErrorKind::unreachable,
          fmt::format("{}/{} at {}: the partition has had no leader that can be reached for {:.0f} s; check that the "
                      "brokers of its replicas run, or give it longer with --connect-timeout",
                      topic.name, partition, state_->connection.bootstrap_servers, timeout.count())};
}

Result<std::vector<OffsetRange>> Admin::offsets(const TopicFacts& topic) {
  // Just after a topic or broker came up a partition may be without a leader for a moment; and a client that knew the
  // broker's former life goes on asking with that life's leader epoch, so each attempt is a new one's.
  const auto partitions = all_partitions(topic);
  const auto deadline = steady_clock::now() + state_->connection.connect_timeout;
  for (;;) {
    Error error{ErrorKind::unreachable, {}};
    const auto led = led_partitions(topic);
    if (!led) {
      error = led.error();
    } else if (led->size() < partitions.size()) {
      error = without_leader(topic, *std::ranges::find_if(partitions, [&](std::int32_t partition) {
                               return !std::ranges::binary_search(*led, partition);
                             }));
    } else {
      const auto left = std::chrono::duration_cast<Milliseconds>(deadline - steady_clock::now());
      auto ranges = list_ranges(topic.name, partitions, std::clamp(left, kShortAttempt, kLongestAttempt));
      if (ranges) return ranges;
      error = std::move(ranges).error();
    }
    if (error.kind == ErrorKind::access || steady_clock::now() >= deadline) return std::unexpected(std::move(error));
    std::this_thread::sleep_for(Milliseconds{50});
    STACK_TRY(state_->open());
  }
}

std::vector<std::optional<OffsetRange>> Admin::led_offsets(const TopicFacts& topic, Milliseconds patience) {
  const auto partitions = all_partitions(topic);
  std::vector<std::optional<OffsetRange>> found(partitions.size());
  const auto deadline = steady_clock::now() + std::min(patience, state_->connection.connect_timeout);
  for (;;) {
    const auto led = led_partitions(topic);
    const bool last = steady_clock::now() >= deadline;
    if (led && !led->empty() && (last || led->size() == partitions.size())) {
      if (const auto ranges = list_ranges(topic.name, *led, kShortAttempt)) {
        for (std::size_t i = 0; i < led->size(); ++i) found[static_cast<std::size_t>((*led)[i])] = (*ranges)[i];
        return found;
      }
    }
    if (!state_->open()) return found;
    if (last) break;
    std::this_thread::sleep_for(Milliseconds{100});
  }
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    // One after the other: asked together, those whose leader answers wait for those whose leader does not.
    if (const auto range = list_ranges(topic.name, {&partitions[i], 1}, kShortAttempt)) found[i] = range->front();
  }
  return found;
}

Result<std::vector<OffsetRange>> Admin::settled_offsets(const TopicFacts& topic, Milliseconds patience) {
  STACK_TRY_ASSIGN(decided, decided_offsets(topic, patience));
  if (!decided.empty()) return decided;
  return offsets(topic);
}

Result<std::vector<OffsetRange>> Admin::decided_offsets(const TopicFacts& topic, Milliseconds patience) {
  const auto deadline = steady_clock::now() + patience;
  STACK_TRY(offsets(topic));  // waits for leaders
  STACK_TRY_ASSIGN(written,
                   list_offsets(topic.name, all_partitions(topic), RD_KAFKA_OFFSET_SPEC_LATEST,
                                RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED, state_->connection.connect_timeout));
  for (;;) {
    STACK_TRY_ASSIGN(ranges, offsets(topic));
    if (std::ranges::equal(ranges, written, std::ranges::greater_equal{}, &OffsetRange::end)) return ranges;
    if (steady_clock::now() >= deadline) return std::vector<OffsetRange>{};
    std::this_thread::sleep_for(Milliseconds{10});
  }
}

Result<std::vector<std::int64_t>> Admin::offsets_at(const TopicFacts& topic, Milliseconds since_1970) {
  STACK_TRY(offsets(topic));  // waits for leaders
  // Times before 1970 would be taken for one of the special offsets.
  return list_offsets(topic.name, all_partitions(topic), std::max<std::int64_t>(since_1970.count(), 0),
                      RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED, state_->connection.connect_timeout);
}

}  // namespace stack::kafka
