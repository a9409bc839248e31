#include "kafka/consumer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "kafka/access_error.hpp"

namespace stack::kafka {
namespace {

using Fixed = std::pair<const char*, const char*>;

constexpr Milliseconds kCoordinatorWorthTelling{5'000};  // of absence; a new cluster takes a while to make one
constexpr Milliseconds kClosing{3'000};                  // at the longest, without what the listener needs
constexpr Milliseconds kClosingStep{50};

std::vector<std::int32_t> partitions_of(const rd_kafka_topic_partition_list_t& list) {
  std::vector<std::int32_t> partitions;
  partitions.reserve(static_cast<std::size_t>(list.cnt));
  for (int i = 0; i < list.cnt; ++i) partitions.push_back(list.elems[i].partition);
  return partitions;
}

}  // namespace

std::optional<std::string_view> Message::header(const char* name) const {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(raw_, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  const void* value = nullptr;
  std::size_t size = 0;
  if (rd_kafka_header_get_last(headers, name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  return std::string_view{static_cast<const char*>(value), size};
}

MessageBatch& MessageBatch::operator=(MessageBatch&& other) noexcept {
  if (this != &other) {
    clear();
    messages_.swap(other.messages_);
    ends_.swap(other.ends_);
  }
  return *this;
}

void MessageBatch::drop(std::span<const std::int32_t> partitions) {
  const auto is_dropped = [&](std::int32_t partition) {
    return std::ranges::find(partitions, partition) != partitions.end();
  };
  std::erase_if(ends_, [&](const PartitionOffset& end) { return is_dropped(end.partition); });
  std::erase_if(messages_, [&](rd_kafka_message_t* message) {
    if (!is_dropped(message->partition)) return false;
    rd_kafka_message_destroy(message);
    return true;
  });
}

void MessageBatch::clear() {
  for (auto* message : messages_) rd_kafka_message_destroy(message);
  messages_.clear();
  ends_.clear();
}

Consumer::Consumer(const Connection& connection, std::string topic, const FetchOptions& fetch)
    : connection_(connection), log_(connection.on_notice), topic_(std::move(topic)), fetch_(fetch) {
  log_.own(this);
  log_.on_statistics([this](std::string_view json) { leaders_.see(json, std::chrono::steady_clock::now()); });
}

Result<void> Consumer::open(const Connection& connection, std::span<const Fixed> extra) {
  // Two thirds fetched ahead, and small answers asked for often (bench/consume): the client hands a partition's records
  // over when it has unpacked all of an answer's, and meanwhile whoever polls would have nothing to do.
  const auto ahead_kib = std::to_string(std::max<std::uint64_t>(fetch_.queue_bytes / 3 * 2 / 1024, 1024));
  const auto partition_bytes = std::to_string(std::max<std::uint64_t>(fetch_.queue_bytes / 16, 1 << 20));
  const auto fetch_bytes = std::to_string(std::max<std::uint64_t>(fetch_.queue_bytes / 8, 1 << 20));
  std::vector<Fixed> fixed = {{"isolation.level", "read_committed"},
                              {"enable.auto.commit", "false"},
                              {"enable.auto.offset.store", "false"},
                              {"auto.offset.reset", "error"},
                              {"enable.partition.eof", "true"},
                              {"fetch.wait.max.ms", "100"},
                              {"fetch.error.backoff.ms", "100"},
                              {"fetch.queue.backoff.ms", "2"},
                              {"queued.min.messages", "1000000"},
                              {"queued.max.messages.kbytes", ahead_kib.c_str()},
                              {"fetch.message.max.bytes", partition_bytes.c_str()},
                              {"fetch.max.bytes", fetch_bytes.c_str()},
                              {"receive.message.max.bytes", "200000000"},
                              {"check.crcs", "true"}};
  fixed.insert(fixed.end(), extra.begin(), extra.end());
  STACK_TRY_ASSIGN(conf, make_conf(connection, fixed, log_));
  rd_kafka_conf_set_rebalance_cb(conf.get(), on_rebalance);
  std::array<char, 512> reason{};
  STACK_TRY(watch_.configure(conf.get()));
  client_.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), reason.data(), reason.size()));
  if (!client_) return std::unexpected(not_configured(reason.data()));
  [[maybe_unused]] const auto* the_clients = conf.release();
  rd_kafka_poll_set_consumer(client_.get());
  return begin_token_login(client_.get(), connection);
}

Result<std::unique_ptr<Consumer>> Consumer::join(const Connection& connection, const std::string& topic,
                                                 const GroupOptions& group, const FetchOptions& fetch,
                                                 RebalanceListener& listener) {
  std::unique_ptr<Consumer> consumer{new Consumer(connection, topic, fetch)};
  consumer->listener_ = &listener;
  consumer->group_ = group.group;
  const auto session = std::to_string(group.session_timeout.count());
  const auto heartbeat = std::to_string(std::max<std::int64_t>(group.session_timeout.count() / 5, 200));
  std::vector<Fixed> fixed = {{"group.id", group.group.c_str()},
                              {"partition.assignment.strategy", "cooperative-sticky"},
                              {"session.timeout.ms", session.c_str()},
                              {"heartbeat.interval.ms", heartbeat.c_str()}};
  if (!group.instance.empty()) fixed.emplace_back("group.instance.id", group.instance.c_str());
  STACK_TRY(consumer->open(connection, fixed));
  const PartitionListHandle topics{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  if (const auto code = rd_kafka_subscribe(consumer->client_.get(), topics.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return fail(ErrorKind::usage, fmt::format("topic {}: {}", topic, rd_kafka_err2str(code)));
  return consumer;
}

Result<std::unique_ptr<Consumer>> Consumer::assign(const Connection& connection, const std::string& topic,
                                                   std::span<const PartitionOffset> from, const FetchOptions& fetch) {
  std::unique_ptr<Consumer> consumer{new Consumer(connection, topic, fetch)};
  const std::vector<Fixed> fixed = {{"group.id", "stack-reader"}};  // never joined: nothing is subscribed or committed
  STACK_TRY(consumer->open(connection, fixed));
  const auto list = consumer->list_of(from);
  if (const auto code = rd_kafka_assign(consumer->client_.get(), list.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return fail(ErrorKind::usage, fmt::format("topic {}: {}", topic, rd_kafka_err2str(code)));
  return consumer;
}

Consumer::~Consumer() { close(); }

void Consumer::close() {
  if (closed_ || !client_) return;
  closed_ = true;
  // Not rd_kafka_consumer_close, which waits for a coordinator that is away without end.
  QueueHandle queue{rd_kafka_queue_new(client_.get())};
  const ErrorHandle refused{rd_kafka_consumer_close_queue(client_.get(), queue.get())};
  auto deadline = std::chrono::steady_clock::now() + (watch_.told_of_silence() ? kClosingStep : kClosing);
  while (!refused && rd_kafka_consumer_closed(client_.get()) == 0 && std::chrono::steady_clock::now() < deadline) {
    const auto began = std::chrono::steady_clock::now();
    if (auto* message = rd_kafka_consume_queue(queue.get(), static_cast<int>(kClosingStep.count())))
      rd_kafka_message_destroy(message);  // fetched ahead
    // What the listener does over its partitions may take its time.
    const auto busy = std::chrono::steady_clock::now() - began - kClosingStep;
    if (busy > Milliseconds{0}) deadline += busy;
  }
  queue.reset();
  if (rd_kafka_consumer_closed(client_.get()) == 0)
    rd_kafka_destroy_flags(client_.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

PartitionListHandle Consumer::list_of(std::span<const PartitionOffset> offsets) const {
  PartitionListHandle list{rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size()))};
  for (const auto& each : offsets)
    rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), each.partition)->offset = each.offset;
  return list;
}

void Consumer::on_rebalance(rd_kafka_t* /*client*/, rd_kafka_resp_err_t code,
                            rd_kafka_topic_partition_list_t* partitions, void* opaque) {
  static_cast<Consumer*>(static_cast<ClientLog*>(opaque)->owner())->rebalance(code, partitions);
}

void Consumer::rebalance(rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* partitions) {
  const auto numbers = partitions_of(*partitions);
  // Taken before the partitions changed hands: their new owner, this consumer perhaps, starts elsewhere.
  if (gathered_ != nullptr) gathered_->drop(numbers);
  if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    auto starts = listener_->assigned(numbers);
    if (starts) {
      const auto list = list_of(*starts);
      const ErrorHandle error{rd_kafka_incremental_assign(client_.get(), list.get())};
      if (error)
        listener_error_ = Error{ErrorKind::internal, fmt::format("{}: {}", topic_, rd_kafka_error_string(error.get()))};
      return;
    }
    listener_error_ = std::move(starts).error();
    // Owned but not read: poll reports the error, and the caller closes.
    for (int i = 0; i < partitions->cnt; ++i) partitions->elems[i].offset = RD_KAFKA_OFFSET_END;
    const ErrorHandle ignored{rd_kafka_incremental_assign(client_.get(), partitions)};
    return;
  }
  listener_->revoked(numbers, rd_kafka_assignment_lost(client_.get()) != 0);
  const ErrorHandle ignored{rd_kafka_incremental_unassign(client_.get(), partitions)};
}

Error Consumer::error_of(const rd_kafka_message_t& message) const {
  const std::string text = rd_kafka_message_errstr(&message);
  switch (message.err) {
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      return {ErrorKind::conflict, fmt::format("{}/{}@{}: the topic no longer holds this offset ({})", topic_,
                                               message.partition, message.offset, text)};
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
      return {ErrorKind::usage, fmt::format("topic {} does not exist at {}", topic_, connection_.bootstrap_servers)};
    default:
      if (auto refused =
              access_error(connection_, message.err, {.operation = "Read", .topic = topic_, .group = group_}))
        return *std::move(refused);
      return {ErrorKind::unreachable,
              fmt::format("reading {}/{} at {}: {}", topic_, message.partition, connection_.bootstrap_servers, text)};
  }
}

// One message a call: rd_kafka_consume_batch_queue takes an end of partition for a record and moves the position behind
// it, so that after a pause or a cooperative rebalance the partition's next record is left out (librdkafka 2.13).
Result<MessageBatch> Consumer::poll(Milliseconds timeout) {
  MessageBatch batch;
  batch.messages_.reserve(fetch_.batch);
  std::optional<Error> error;
  gathered_ = &batch;
  for (std::size_t taken = 0; taken < fetch_.batch && !listener_error_; ++taken) {
    const auto wait = taken == 0 ? static_cast<int>(timeout.count()) : 0;
    rd_kafka_message_t* message = rd_kafka_consumer_poll(client_.get(), wait);
    if (message == nullptr) break;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      batch.messages_.push_back(message);
      continue;
    }
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      batch.ends_.push_back({message->partition, message->offset});
    } else if (message->err == RD_KAFKA_RESP_ERR__TRANSPORT || message->err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN ||
               message->err == RD_KAFKA_RESP_ERR__TIMED_OUT || message->err == RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED) {
      log_.note(rd_kafka_message_errstr(message));  // librdkafka reconnects, or joins again
    } else if (message->err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED && group_.empty()) {
      // librdkafka looks for the coordinator of any group.id; this reader needs none.
    } else if (!error) {
      error = error_of(*message);
    }
    rd_kafka_message_destroy(message);
  }
  gathered_ = nullptr;
  if (listener_error_) return std::unexpected(*std::exchange(listener_error_, std::nullopt));
  if (error) return std::unexpected(*std::move(error));
  if (const auto fatal = log_.fatal_complaint(); !fatal.empty())
    return fail(ErrorKind::conflict, fmt::format("consumer of {}: {}", topic_, fatal));
  STACK_TRY(watch_.check());
  if (listener_ != nullptr) STACK_TRY(check_coordinator());  // a reader by itself needs none
  return batch;
}

Result<void> Consumer::check_coordinator() {
  const auto absence = watch_.told_of_silence() ? Milliseconds{0} : leaders_.coordinator_absence();
  const auto& timeout = connection_.connect_timeout;
  if (absence >= timeout)
    return fail(
        ErrorKind::unreachable,
        fmt::format("reading {} at {}: the consumer group has had no coordinator for {:.0f} s: its partition of "
                    "__consumer_offsets has no leader that can be reached; check that all brokers run, or give "
                    "it longer with --connect-timeout",
                    topic_, connection_.bootstrap_servers, std::chrono::duration<double>(timeout).count()));
  const bool is_long = absence >= std::min(kCoordinatorWorthTelling, timeout / 2);
  if (is_long == told_of_coordinator_ || (!is_long && absence > Milliseconds{0})) return {};
  told_of_coordinator_ = is_long;
  if (connection_.on_notice)
    connection_.on_notice(is_long ? fmt::format("the consumer group of {} has no coordinator: waiting for it", topic_)
                                  : fmt::format("the consumer group of {} has a coordinator again", topic_));
  return {};
}

Result<void> Consumer::seek(std::int32_t partition, std::int64_t offset) {
  const PartitionOffset where{partition, offset};
  const auto list = list_of({&where, 1});
  const ErrorHandle error{
      rd_kafka_seek_partitions(client_.get(), list.get(), static_cast<int>(connection_.connect_timeout.count()))};
  const auto code = error ? rd_kafka_error_code(error.get()) : list->elems[0].err;
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return fail(ErrorKind::unreachable,
                fmt::format("{}/{}@{}: cannot seek: {}", topic_, partition, offset, rd_kafka_err2str(code)));
  return {};
}

Result<void> Consumer::pause(std::int32_t partition) {
  const PartitionOffset where{partition, 0};
  const auto list = list_of({&where, 1});
  if (const auto code = rd_kafka_pause_partitions(client_.get(), list.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return fail(ErrorKind::internal, fmt::format("{}/{}: cannot pause: {}", topic_, partition, rd_kafka_err2str(code)));
  at_rest_.insert(partition);
  return {};
}

// Only what rests is resumed: resuming takes back what librdkafka has to say of the partition and has not said yet, such
// as that it may not be read, and it says that once.
Result<void> Consumer::resume(std::int32_t partition) {
  if (at_rest_.erase(partition) == 0) return {};
  const PartitionOffset where{partition, 0};
  const auto list = list_of({&where, 1});
  if (const auto code = rd_kafka_resume_partitions(client_.get(), list.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return fail(ErrorKind::internal,
                fmt::format("{}/{}: cannot resume: {}", topic_, partition, rd_kafka_err2str(code)));
  return {};
}

std::int64_t Consumer::known_end(std::int32_t partition) const {
  std::int64_t start = -1;
  std::int64_t end = -1;
  rd_kafka_get_watermark_offsets(client_.get(), topic_.c_str(), partition, &start, &end);
  return end;
}

bool Consumer::fenced() const {
  std::array<char, 256> reason{};
  return rd_kafka_fatal_error(client_.get(), reason.data(), reason.size()) == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
}

void Consumer::commit(std::span<const PartitionOffset> offsets) {
  const auto list = list_of(offsets);
  rd_kafka_commit(client_.get(), list.get(), 1);
}

}  // namespace stack::kafka
