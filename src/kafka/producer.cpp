#include "kafka/producer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include "kafka/access_error.hpp"

namespace stack::kafka {
namespace {

constexpr std::size_t kRecordsAtOnce = 4096;
constexpr std::chrono::seconds kWorthTelling{5};  // of a wait for the cluster
constexpr std::chrono::seconds kPatience{3};      // of what is only a courtesy

using std::chrono::steady_clock;

bool is_fencing(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
         code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
}

}  // namespace

Producer::Producer(const Connection& connection, const ProducerOptions& options)
    : progress_(options.progress != nullptr ? *options.progress : own_progress_),
      log_(connection.on_notice),
      options_(options),
      connection_(connection),
      headers_(options.feed_id, options.run_id, layout_of(options.partitioner, options.partitions, options.event_times),
               options.shard, options.headers) {
  log_.own(this);
  log_.on_statistics([this](std::string_view json) { leaders_.see(json, steady_clock::now()); });
  queues_.resize(static_cast<std::size_t>(options.partitions));
}

Producer::~Producer() {
  topic_.reset();
  if (client_) rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  client_.reset();  // before the values that it may still point to
}

Result<std::unique_ptr<Producer>> Producer::open(const Connection& connection, const ProducerOptions& options,
                                                 const StopFlag* stop) {
  std::unique_ptr<Producer> producer{new Producer(connection, options)};
  producer->stop_ = stop;
  const std::string transaction_timeout = std::to_string(Milliseconds{kTransactionTimeout}.count());
  // linger, batch size, most_in_flight go together (bench/produce): a partition's share of what is in flight has to
  // fill a batch, or each batch waits out the lingering and that bounds the rate.
  const std::vector<std::pair<const char*, const char*>> fixed = {
      {"transactional.id", options.transactional_id.c_str()},
      {"enable.idempotence", "true"},
      {"acks", "all"},
      {"compression.codec", "lz4"},
      {"linger.ms", "2"},
      {"batch.size", "1000000"},
      {"batch.num.messages", "100000"},
      {"queue.buffering.max.messages", "2000000"},
      {"queue.buffering.max.kbytes", "2097151"},
      // So that messages are freed by the thread that made them, not by the client's, which has more to do.
      {"delivery.report.only.error", "false"},
      {"transaction.timeout.ms", transaction_timeout.c_str()},
      {"message.timeout.ms", transaction_timeout.c_str()}};
  STACK_TRY_ASSIGN(conf, make_conf(connection, fixed, producer->log_));
  STACK_TRY(producer->watch_.configure(conf.get()));
  rd_kafka_conf_set_dr_msg_cb(conf.get(), on_delivery);
  rd_kafka_conf_interceptor_add_on_new(conf.get(), "stack-headers", on_new, producer.get());
  std::array<char, 512> reason{};
  producer->client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), reason.data(), reason.size()));
  if (!producer->client_) return std::unexpected(not_configured(reason.data()));
  (void)conf.release();
  STACK_TRY(begin_token_login(producer->client_.get(), connection, stop));
  producer->topic_.reset(rd_kafka_topic_new(producer->client_.get(), options.topic.c_str(), nullptr));
  if (!producer->topic_)
    return fail(ErrorKind::usage, fmt::format("topic {}: {}", options.topic, rd_kafka_err2str(rd_kafka_last_error())));

  STACK_TRY(producer->await_partitions());
  producer->connect_to_leader();
  const auto deadline = steady_clock::now() + connection.connect_timeout;
  for (;;) {
    const ErrorHandle error{rd_kafka_init_transactions(producer->client_.get(), 1'000)};
    if (!error) return producer;
    if (rd_kafka_error_is_fatal(error.get()) != 0 || rd_kafka_error_is_retriable(error.get()) == 0 ||
        steady_clock::now() >= deadline)
      return std::unexpected(producer->failure("opening transactions", error.get()));
    if (stop != nullptr && stop->requested())
      return fail(ErrorKind::interrupted,
                  fmt::format("stopped while opening transactions at {}", producer->connection_.bootstrap_servers));
  }
}

// Records sent to a partition that the client does not know yet would fail their transaction.
Result<void> Producer::await_partitions() {
  const auto deadline = steady_clock::now() + connection_.connect_timeout;
  std::string found_instead = "no answer";
  for (;;) {
    const rd_kafka_metadata_t* raw = nullptr;
    const auto code = rd_kafka_metadata(client_.get(), 0, topic_.get(), &raw, 1'000);
    const Handle<const rd_kafka_metadata_t> metadata{raw};
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR && metadata->topic_cnt == 1) {
      const auto& found = metadata->topics[0];
      const bool led = std::all_of(found.partitions, found.partitions + found.partition_cnt,
                                   [](const rd_kafka_metadata_partition_t& each) { return each.leader >= 0; });
      if (auto refused = access_error(connection_, found.err, {.operation = "Describe", .topic = options_.topic}))
        return std::unexpected(*std::move(refused));
      if (found.err == RD_KAFKA_RESP_ERR_NO_ERROR && found.partition_cnt == options_.partitions && led) return {};
      found_instead = fmt::format(
          "{} partitions{}{}", found.partition_cnt, led ? "" : ", not all with a leader",
          found.err == RD_KAFKA_RESP_ERR_NO_ERROR ? std::string{} : fmt::format(" ({})", rd_kafka_err2str(found.err)));
    }
    if (stop_ != nullptr && stop_->requested())
      return fail(ErrorKind::interrupted, fmt::format("stopped while waiting for topic {}", options_.topic));
    if (steady_clock::now() >= deadline)
      return fail(ErrorKind::unreachable,
                  fmt::format("topic {} at {}: waited for its {} partitions, found {}; check the brokers",
                              options_.topic, connection_.bootstrap_servers, options_.partitions, found_instead));
    std::this_thread::sleep_for(Milliseconds{50});
  }
}

// librdkafka asks for the transaction coordinator at once if a broker of the cluster is connected, else after half a
// second; so one is connected first. That none is, is for the caller's next step to find.
void Producer::connect_to_leader() {
  std::int64_t first = 0;
  std::int64_t end = 0;
  (void)rd_kafka_query_watermark_offsets(client_.get(), options_.topic.c_str(), 0, &first, &end, 1'000);
}

rd_kafka_resp_err_t Producer::on_new(rd_kafka_t* client, const rd_kafka_conf_t* /*conf*/, void* opaque,
                                     char* /*reason*/, std::size_t /*size*/) {
  return rd_kafka_interceptor_add_on_send(client, "stack-headers", on_send, opaque);
}

// rd_kafka_produce_batch takes no headers; an on_send interceptor may add them, at the same price as elsewhere.
rd_kafka_resp_err_t Producer::on_send(rd_kafka_t* /*client*/, rd_kafka_message_t* message, void* opaque) {
  const auto& headers = static_cast<const Producer*>(opaque)->headers_;
  rd_kafka_message_set_headers(message, headers.make(BatchPlace::of(message->_private)));
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

void Producer::on_delivery(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* opaque) {
  auto* producer = static_cast<Producer*>(static_cast<ClientLog*>(opaque)->owner());
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR || message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE ||
      message->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
    return;
  ++producer->progress_.delivery_failures;
  const std::lock_guard lock{producer->delivery_mutex_};
  if (producer->delivery_error_.empty()) {
    producer->delivery_code_.store(message->err, std::memory_order_release);
    producer->delivery_error_ =
        message->err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE
            ? producer->too_large(*message)
            : fmt::format("{}/{}: {}", producer->options_.topic, message->partition, rd_kafka_err2str(message->err));
  }
  producer->delivery_failed_.store(true, std::memory_order_release);
}

// The broker measures batches as they come, compressed; librdkafka fills them up to batch.size before.
std::string Producer::too_large(const rd_kafka_message_t& message) const {
  return fmt::format(
      "an event of {} of {} bytes is too large for topic {} at {}, or the batch is that it came in: raise "
      "the topic's max.message.bytes (and for events above 1 MB --kafka-property message.max.bytes=...), "
      "or send smaller batches with --kafka-property batch.size=...",
      std::string_view{static_cast<const char*>(message.key), message.key_len}, message.len, options_.topic,
      connection_.bootstrap_servers);
}

Error Producer::failure(const std::string& what, const rd_kafka_error_t* error) const {
  std::string detail = error == nullptr ? std::string{} : rd_kafka_error_string(error);
  std::array<char, 256> text{};
  const auto fatal = rd_kafka_fatal_error(client_.get(), text.data(), text.size());
  if (detail.empty()) detail = text.data();
  auto code = error == nullptr ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_error_code(error);
  if (is_fencing(code) || is_fencing(fatal) || is_fencing(delivery_code_.load(std::memory_order_acquire)) ||
      log_.fatal_complaint().find("fenced") != std::string::npos)
    return {ErrorKind::conflict,
            fmt::format("another producer of the same feed has taken over topic {}; this one ends", options_.topic)};
  if (delivery_failed_.load(std::memory_order_acquire)) {
    const std::lock_guard lock{delivery_mutex_};
    detail = delivery_error_;
    code = delivery_code_;
  }
  if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) return {ErrorKind::usage, detail};
  if (auto refused =
          access_error(connection_, code,
                       {.operation = "Write", .topic = options_.topic, .transactional_id = options_.transactional_id}))
    return *std::move(refused);
  if (const auto login = log_.login_error()) return login->error();
  const auto complaint = log_.latest();
  return {ErrorKind::unreachable,
          fmt::format("{} on topic {} at {}: {}{}{}; run again: it goes on behind what was committed", what,
                      options_.topic, connection_.bootstrap_servers, detail, complaint.empty() ? "" : "; ", complaint)};
}

std::uint64_t Producer::in_flight() {
  rd_kafka_poll(client_.get(), 0);
  const auto records = static_cast<std::uint64_t>(rd_kafka_outq_len(client_.get()));
  progress_.in_flight.store(records, std::memory_order_relaxed);
  return records;
}

// While something is waited for that other brokers than those that answer have to do. Tells of it once a transaction.
Result<void> Producer::check_cluster(steady_clock::time_point waiting_since) {
  STACK_TRY(watch_.check());
  if (watch_.told_of_silence()) return {};
  const auto absent = leaders_.longest();
  if (absent && absent->time >= connection_.connect_timeout)
    return fail(ErrorKind::unreachable,
                fmt::format("{}/{} at {}: the partition has had no leader that can be reached for {:.0f} s; check that "
                            "the brokers of its replicas run, or give it longer with --connect-timeout; run again: it "
                            "goes on behind what was committed",
                            options_.topic, absent->partition, connection_.bootstrap_servers,
                            std::chrono::duration<double>(connection_.connect_timeout).count()));
  if (told_of_wait_ || steady_clock::now() - waiting_since < kWorthTelling || !connection_.on_notice) return {};
  told_of_wait_ = true;
  connection_.on_notice(absent ? fmt::format("{}/{} has no leader: waiting for one", options_.topic, absent->partition)
                               : fmt::format("topic {}: the cluster has not acknowledged for {} s: waiting for it",
                                             options_.topic, kWorthTelling.count()));
  return {};
}

Result<void> Producer::idle() {
  rd_kafka_poll(client_.get(), 0);
  if (delivery_failed_.load(std::memory_order_acquire)) return std::unexpected(failure("sending", nullptr));
  return watch_.check();
}

bool Producer::cluster_is_there() const {
  const auto absent = leaders_.longest();
  return watch_.silence() < connection_.connect_timeout && (!absent || absent->time < connection_.connect_timeout);
}

Result<void> Producer::begin() {
  told_of_wait_ = false;
  const ErrorHandle error{rd_kafka_begin_transaction(client_.get())};
  if (error) return std::unexpected(failure("beginning a transaction", error.get()));
  return {};
}

// librdkafka would refuse single records of a batch when its queue is full, out of their order; so room is waited for.
// Who asks to stop waits no longer for a broker that is away.
Result<void> Producer::wait_for_room(std::size_t records) {
  const auto began = steady_clock::now();
  while (in_flight() + records > options_.most_in_flight) {
    rd_kafka_poll(client_.get(), 1);
    if (delivery_failed_.load(std::memory_order_acquire)) return std::unexpected(failure("sending", nullptr));
    STACK_TRY(check_cluster(began));
    if (stop_ != nullptr && stop_->requested() && steady_clock::now() - began > kPatience)
      return fail(ErrorKind::interrupted,
                  fmt::format("stopped while {} did not take records", connection_.bootstrap_servers));
  }
  return {};
}

Result<void> Producer::send(std::span<const Record> records) {
  while (!records.empty()) {
    const auto part = records.first(std::min(records.size(), kRecordsAtOnce));
    STACK_TRY(wait_for_room(part.size()));
    STACK_TRY(part.front().timestamp_ms == 0 ? send_batch(part) : send_timed(part));
    records = records.subspan(part.size());
  }
  rd_kafka_poll(client_.get(), 0);
  if (delivery_failed_.load(std::memory_order_acquire)) return std::unexpected(failure("sending", nullptr));
  return {};
}

// Partition by partition: the client looks each up once, and its messages lie in memory in the order in which its
// thread will walk them.
Result<void> Producer::send_batch(std::span<const Record> records) {
  for (const auto& record : records) {
    auto& queue = queues_[static_cast<std::size_t>(record.partition)];
    queue.position_of_last = record.position;
    auto& message = queue.messages.emplace_back();
    message.payload = const_cast<char*>(record.value.data());  // NOLINT: copied by librdkafka
    message.len = record.value.size();
    message.key = const_cast<char*>(record.key.data());  // NOLINT: copied by librdkafka
    message.key_len = record.key.size();
  }
  for (std::size_t partition = 0; partition < queues_.size(); ++partition) {
    if (!queues_[partition].messages.empty()) STACK_TRY(send_queue(static_cast<std::int32_t>(partition)));
  }
  return {};
}

Result<void> Producer::send_queue(std::int32_t partition) {
  auto& queue = queues_[static_cast<std::size_t>(partition)];
  auto& messages = queue.messages;
  messages.front()._private = BatchPlace::first().opaque();
  messages.back()._private = BatchPlace::last(queue.position_of_last).opaque();
  const int sent = rd_kafka_produce_batch(topic_.get(), partition, RD_KAFKA_MSG_F_COPY, messages.data(),
                                          static_cast<int>(messages.size()));
  if (sent != static_cast<int>(messages.size())) {
    const auto refused = std::ranges::find_if(
        messages, [](const rd_kafka_message_t& message) { return message.err != RD_KAFKA_RESP_ERR_NO_ERROR; });
    if (refused->err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) return fail(ErrorKind::usage, too_large(*refused));
    return std::unexpected(refusal(partition, refused->err));
  }
  messages.clear();
  return {};
}

Error Producer::refusal(std::int32_t partition, rd_kafka_resp_err_t code) const {
  // The client takes nothing more after what ended it, such as a successor.
  if (code == RD_KAFKA_RESP_ERR__FATAL || code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR__STATE)
    return failure(fmt::format("sending to partition {}", partition), nullptr);
  return {ErrorKind::unreachable,
          fmt::format("sending to {}/{}: {}", options_.topic, partition, rd_kafka_err2str(code))};
}

BatchPlace Producer::place_of(const Record& record) {
  auto& queue = queues_[static_cast<std::size_t>(record.partition)];
  const bool begun = std::exchange(queue.begun, true);
  if (queue.position_of_last == record.position) return BatchPlace::last(record.position);
  return begun ? BatchPlace::middle() : BatchPlace::first();
}

Result<void> Producer::send_timed(std::span<const Record> records) {
  for (const auto& record : records) {
    auto& queue = queues_[static_cast<std::size_t>(record.partition)];
    queue.position_of_last = record.position;
    queue.begun = false;
  }
  for (const auto& record : records) {
    const auto place = place_of(record);
    std::array<rd_kafka_vu_t, 7> fields{};
    fields[0].vtype = RD_KAFKA_VTYPE_RKT;
    fields[0].u.rkt = topic_.get();
    fields[1].vtype = RD_KAFKA_VTYPE_PARTITION;
    fields[1].u.i32 = record.partition;
    fields[2].vtype = RD_KAFKA_VTYPE_VALUE;
    fields[2].u.mem = {const_cast<char*>(record.value.data()), record.value.size()};  // NOLINT: copied
    fields[3].vtype = RD_KAFKA_VTYPE_KEY;
    fields[3].u.mem = {const_cast<char*>(record.key.data()), record.key.size()};  // NOLINT: copied
    fields[4].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
    fields[4].u.i64 = record.timestamp_ms;
    fields[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
    fields[5].u.ptr = place.opaque();
    fields[6].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    fields[6].u.i = RD_KAFKA_MSG_F_COPY;
    const ErrorHandle error{rd_kafka_produceva(client_.get(), fields.data(), fields.size())};
    if (error && rd_kafka_error_code(error.get()) == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
      rd_kafka_message_t message{};
      message.key = const_cast<char*>(record.key.data());  // NOLINT: read alone
      message.key_len = record.key.size();
      message.len = record.value.size();
      return fail(ErrorKind::usage, too_large(message));
    }
    if (error) return std::unexpected(refusal(record.partition, rd_kafka_error_code(error.get())));
  }
  return {};
}

Result<void> Producer::commit() {
  const auto began = steady_clock::now();
  const auto deadline = began + kTransactionTimeout;
  for (;;) {
    const ErrorHandle error{rd_kafka_commit_transaction(client_.get(), 1'000)};
    if (!error) {
      note_commit(steady_clock::now() - began);
      return {};
    }
    rd_kafka_poll(client_.get(), 0);
    STACK_TRY(check_cluster(began));
    const bool again = rd_kafka_error_is_retriable(error.get()) != 0 && steady_clock::now() < deadline;
    if (!again) return std::unexpected(failure("committing a transaction", error.get()));
  }
}

void Producer::note_commit(steady_clock::duration took) {
  ++progress_.transactions_committed;
  progress_.commit_time.record(std::chrono::duration_cast<LatencyHistogram::Duration>(took));
  progress_.last_commit_us = SystemClock{}.now().time_since_epoch().count();
  progress_.in_flight = 0;
}

void Producer::abort() {
  ++progress_.transactions_aborted;
  const ErrorHandle ignored{
      rd_kafka_abort_transaction(client_.get(), static_cast<int>(Milliseconds{kPatience}.count()))};
}

}  // namespace stack::kafka
