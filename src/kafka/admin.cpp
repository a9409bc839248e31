#include "kafka/admin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <thread>

#include "core/stoppable_wait.hpp"
#include "kafka/access_error.hpp"
#include "kafka/admin_state.hpp"
#include "kafka/passing_refusal.hpp"

namespace stack::kafka {
namespace {

constexpr Milliseconds kAskAgain{500};
constexpr Milliseconds kNotice{5'000};
// Between attempts to make a topic; each pause is twice the one before.
constexpr Milliseconds kFirstPause{100};
constexpr Milliseconds kLongestPause{2'000};
// Of a login that one server refuses for certain: another one may take it, and the same is asked twice.
constexpr Milliseconds kLockedOut{1'000};

using std::chrono::steady_clock;

}  // namespace

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
  return topic(name, state_->connection.connect_timeout);
}

Result<std::optional<TopicFacts>> Admin::topic(const std::string& name, Milliseconds patience) {
  std::array<const char*, 1> names{name.c_str()};
  const Handle<rd_kafka_TopicCollection_t> topics{rd_kafka_TopicCollection_of_topic_names(names.data(), names.size())};
  const auto ask = [&](const rd_kafka_AdminOptions_t* options) {
    rd_kafka_DescribeTopics(state_->client.get(), topics.get(), options, state_->queue.get());
  };
  STACK_TRY_ASSIGN(event, state_->read(fmt::format("topic {}", name), RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, patience, ask));
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
    return fail(kind_of_refusal(code), fmt::format("topic {}: {}", name, rd_kafka_error_string(error)));
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
  const auto deadline = steady_clock::now() + state_->connection.connect_timeout;
  for (;;) {
    STACK_TRY_ASSIGN(found, ask_for_configs(name));
    if (found) return *std::move(found);
    if (steady_clock::now() >= deadline)
      return fail(ErrorKind::unreachable, fmt::format("settings of topic {} at {}: the broker that was asked does not "
                                                      "know the topic; if it was just made, try again later",
                                                      name, state_->connection.bootstrap_servers));
    std::this_thread::sleep_for(Milliseconds{50});
  }
}

// None: the broker that was asked knows no such topic, as one of several may not for a moment after it was made.
Result<std::optional<TopicConfigs>> Admin::ask_for_configs(const std::string& name) {
  const Handle<rd_kafka_ConfigResource_t> asked{rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name.c_str())};
  std::array<rd_kafka_ConfigResource_t*, 1> resources{asked.get()};
  const auto ask = [&](const rd_kafka_AdminOptions_t* options) {
    rd_kafka_DescribeConfigs(state_->client.get(), resources.data(), resources.size(), options, state_->queue.get());
  };
  const auto what = fmt::format("settings of topic {}", name);
  STACK_TRY_ASSIGN(event,
                   state_->read(what, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, state_->connection.connect_timeout, ask));
  std::size_t count = 0;
  const auto* found =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  if (count != 1) return fail(ErrorKind::unreachable, fmt::format("{}: no answer", what));
  if (const auto code = rd_kafka_ConfigResource_error(found[0]); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return std::optional<TopicConfigs>{};
    if (auto refused = access_error(state_->connection, code, {.operation = "DescribeConfigs", .topic = name}))
      return std::unexpected(*std::move(refused));
    return fail(kind_of_refusal(code), fmt::format("{} cannot be read: {}", what, rd_kafka_err2str(code)));
  }
  std::size_t entries = 0;
  const auto* each = rd_kafka_ConfigResource_configs(found[0], &entries);
  TopicConfigs configs;
  for (std::size_t i = 0; i < entries; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(each[i]);
    configs.emplace(rd_kafka_ConfigEntry_name(each[i]), value == nullptr ? "" : value);
  }
  return std::optional{std::move(configs)};
}

// One attempt. None: the topic is made; otherwise the words of a refusal that may pass.
Result<std::optional<std::string>> Admin::ask_for_topic(const NewTopic& topic, Milliseconds patience,
                                                        const StopFlag* stop) {
  std::array<char, 512> reason{};
  const Handle<rd_kafka_NewTopic_t> made{
      rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, topic.replication, reason.data(), reason.size())};
  if (!made) return fail(ErrorKind::usage, fmt::format("topic {}: {}", topic.name, reason.data()));
  for (const auto& [name, value] : topic.configs) rd_kafka_NewTopic_set_config(made.get(), name.c_str(), value.c_str());
  std::array<rd_kafka_NewTopic_t*, 1> topics{made.get()};
  const auto options =
      state_->options(RD_KAFKA_ADMIN_OP_CREATETOPICS, std::min(patience, state_->connection.connect_timeout));
  rd_kafka_CreateTopics(state_->client.get(), topics.data(), topics.size(), options.get(), state_->queue.get());
  STACK_TRY_ASSIGN(event, state_->answer(fmt::format("making topic {}", topic.name), stop));
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

Result<void> Admin::create_topic(const NewTopic& topic, const StopFlag* stop) {
  const auto& connection = state_->connection;
  const auto deadline = steady_clock::now() + connection.connect_timeout;
  auto next_notice = steady_clock::now();
  auto patience = State::kFirstAttempt;
  for (auto pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause), patience *= 2) {
    auto refusal = ask_for_topic(topic, patience, stop);
    if (refusal && !*refusal) return {};
    // An attempt that was refused may have made it all the same.
    if (!refusal && refusal.error().kind == ErrorKind::conflict && pause > kFirstPause) return {};
    const auto now = steady_clock::now();
    const bool too_late = now + pause >= deadline;
    if (!refusal && (refusal.error().kind != ErrorKind::unreachable || too_late))
      return std::unexpected(std::move(refusal).error());
    const std::string said = refusal ? **std::move(refusal) : std::move(refusal).error().message;
    if (too_late)
      return fail(ErrorKind::unreachable,
                  fmt::format("{}; this may pass: try again later, or give it longer with --connect-timeout", said));
    if (now >= next_notice && connection.on_notice) {
      connection.on_notice(
          fmt::format("{}; trying again for {:.0f} s", said, std::chrono::duration<double>(deadline - now).count()));
      next_notice = now + kNotice;
    }
    if (!wait_unless_stopped(pause, stop))
      return fail(ErrorKind::interrupted,
                  fmt::format("stopped while topic {} could not be made: {}", topic.name, said));
    STACK_TRY(state_->open());  // one that asks anew who the controller is
  }
}

Result<TopicFacts> Admin::ensure_topic(const NewTopic& wanted, const StopFlag* stop) {
  STACK_TRY_ASSIGN(found, topic(wanted.name));
  if (!found) {
    if (auto created = create_topic(wanted, stop); !created && created.error().kind != ErrorKind::conflict)
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
      return fail(kind_of_refusal(code), fmt::format("topic {} cannot be deleted: {}", name, rd_kafka_err2str(code)));
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

}  // namespace stack::kafka
