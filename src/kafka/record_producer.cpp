#include "kafka/record_producer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "kafka/access_error.hpp"

namespace stack::kafka {
namespace {

constexpr Milliseconds kShortestDelivery{30'000};  // that a broker is given at least
constexpr Milliseconds kTransaction{60'000};
constexpr int kPollMs = 50;

using std::chrono::steady_clock;

}  // namespace

std::optional<Error> Deliveries::error() const {
  const std::scoped_lock lock(mutex_);
  return error_;
}

void Deliveries::refuse(Error error) {
  const std::scoped_lock lock(mutex_);
  if (!error_) error_ = std::move(error);
}

RecordProducer::RecordProducer(const Connection& connection, std::string topic)
    : connection_(connection), log_(connection.on_notice), topic_(std::move(topic)) {
  log_.own(this);
}

RecordProducer::~RecordProducer() {
  if (!client_) return;
  // Every report has to come: each holds on to its deliveries.
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  while (rd_kafka_outq_len(client_.get()) > 0) rd_kafka_poll(client_.get(), kPollMs);
}

Result<std::unique_ptr<RecordProducer>> RecordProducer::open(const Connection& connection, std::string topic,
                                                             const std::string& transactional_id,
                                                             const StopFlag* stop) {
  std::unique_ptr<RecordProducer> producer{new RecordProducer(connection, std::move(topic))};
  producer->transactional_id_ = transactional_id;
  const Milliseconds timeout =
      transactional_id.empty() ? std::max(connection.connect_timeout, kShortestDelivery) : kTransaction;
  const std::string timeout_ms = std::to_string(timeout.count());
  std::vector<std::pair<const char*, const char*>> fixed = {
      {"enable.idempotence", "true"},      {"acks", "all"},
      {"compression.codec", "lz4"},        {"linger.ms", "5"},
      {"partitioner", "murmur2_random"},   {"queue.buffering.max.kbytes", "16384"},
      {"message.max.bytes", "1000000000"}, {"message.timeout.ms", timeout_ms.c_str()}};
  if (!transactional_id.empty()) {
    fixed.emplace_back("transactional.id", transactional_id.c_str());
    fixed.emplace_back("transaction.timeout.ms", timeout_ms.c_str());
  }
  STACK_TRY_ASSIGN(conf, make_conf(connection, fixed, producer->log_));
  rd_kafka_conf_set_dr_msg_cb(conf.get(), on_delivery);
  std::array<char, 512> reason{};
  producer->client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), reason.data(), reason.size()));
  if (!producer->client_) return std::unexpected(not_configured(reason.data()));
  [[maybe_unused]] const auto* the_clients = conf.release();
  STACK_TRY(begin_token_login(producer->client_.get(), connection, stop));
  if (!transactional_id.empty()) STACK_TRY(producer->open_transactions(stop));
  return producer;
}

Result<void> RecordProducer::open_transactions(const StopFlag* stop) {
  const auto deadline = steady_clock::now() + connection_.connect_timeout;
  for (;;) {
    const ErrorHandle error{rd_kafka_init_transactions(client_.get(), 1'000)};
    if (!error) return {};
    if (stop != nullptr && stop->requested())
      return fail(ErrorKind::interrupted, fmt::format("stopped while opening transactions for topic {}", topic_));
    const bool again = rd_kafka_error_is_retriable(error.get()) != 0 && steady_clock::now() < deadline;
    if (!again) return std::unexpected(failure("opening transactions", error.get()));
  }
}

void RecordProducer::on_delivery(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* opaque) {
  const auto* producer = static_cast<const RecordProducer*>(static_cast<ClientLog*>(opaque)->owner());
  const std::unique_ptr<std::shared_ptr<Deliveries>> deliveries{
      static_cast<std::shared_ptr<Deliveries>*>(message->_private)};
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) (*deliveries)->refuse(producer->refusal(message->err, message->len));
  ++(*deliveries)->settled_;
}

void RecordProducer::send(const OutgoingRecord& record, const std::shared_ptr<Deliveries>& deliveries) {
  rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
  for (const RecordHeader& header : record.headers)
    rd_kafka_header_add(headers, header.name, -1, header.value.data(), static_cast<ssize_t>(header.value.size()));
  auto report = std::make_unique<std::shared_ptr<Deliveries>>(deliveries);
  ++deliveries->sent_;
  std::array<rd_kafka_vu_t, 6> fields{};
  fields[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  fields[0].u.cstr = topic_.c_str();
  fields[1].vtype = RD_KAFKA_VTYPE_KEY;
  fields[1].u.mem = {const_cast<char*>(record.key.data()), record.key.size()};  // NOLINT: copied by librdkafka
  fields[2].vtype = RD_KAFKA_VTYPE_VALUE;
  fields[2].u.mem = {const_cast<char*>(record.value.data()), record.value.size()};  // NOLINT: copied by librdkafka
  fields[3].vtype = RD_KAFKA_VTYPE_HEADERS;
  fields[3].u.headers = headers;
  fields[4].vtype = RD_KAFKA_VTYPE_OPAQUE;
  fields[4].u.ptr = report.get();
  fields[5].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  fields[5].u.i = RD_KAFKA_MSG_F_COPY;
  for (;;) {
    const ErrorHandle error{rd_kafka_produceva(client_.get(), fields.data(), fields.size())};
    if (!error) {
      [[maybe_unused]] const auto* the_reports = report.release();
      break;
    }
    // Records that wait are delivered or time out, so room comes.
    if (rd_kafka_error_code(error.get()) == RD_KAFKA_RESP_ERR__QUEUE_FULL && rd_kafka_outq_len(client_.get()) > 0) {
      rd_kafka_poll(client_.get(), kPollMs);
      continue;
    }
    rd_kafka_headers_destroy(headers);
    deliveries->refuse(refusal(rd_kafka_error_code(error.get()), record.value.size()));
    ++deliveries->settled_;
    break;
  }
  rd_kafka_poll(client_.get(), 0);
}

Result<void> RecordProducer::await(const Deliveries& deliveries) {
  while (!deliveries.all_settled()) rd_kafka_poll(client_.get(), kPollMs);
  if (auto error = deliveries.error()) return std::unexpected(*std::move(error));
  return {};
}

Result<void> RecordProducer::begin() {
  const ErrorHandle error{rd_kafka_begin_transaction(client_.get())};
  if (error) return std::unexpected(failure("beginning a transaction", error.get()));
  return {};
}

Result<void> RecordProducer::commit() {
  const auto deadline = steady_clock::now() + kTransaction;
  for (;;) {
    const ErrorHandle error{rd_kafka_commit_transaction(client_.get(), 1'000)};
    if (!error) return {};
    rd_kafka_poll(client_.get(), 0);
    const bool again = rd_kafka_error_is_retriable(error.get()) != 0 && steady_clock::now() < deadline;
    if (!again) return std::unexpected(failure("committing a transaction", error.get()));
  }
}

void RecordProducer::abort() { const ErrorHandle ignored{rd_kafka_abort_transaction(client_.get(), 3'000)}; }

Error RecordProducer::refusal(rd_kafka_resp_err_t code, std::size_t bytes) const {
  if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
    return {ErrorKind::usage,
            fmt::format("topic {} does not take a record of {} bytes: raise its max.message.bytes", topic_, bytes)};
  if (auto refused = access_error(connection_, code, {.operation = "Write", .topic = topic_}))
    return *std::move(refused);
  if (const auto login = log_.login_error()) return login->error();
  return {ErrorKind::unreachable,
          fmt::format("topic {} at {} did not take a record: {}; check the topic and its brokers", topic_,
                      connection_.bootstrap_servers, rd_kafka_err2str(code))};
}

Error RecordProducer::failure(std::string_view what, const rd_kafka_error_t* error) const {
  const auto code = rd_kafka_error_code(error);
  const auto fatal = rd_kafka_fatal_error(client_.get(), nullptr, 0);
  const auto is_fencing = [](rd_kafka_resp_err_t each) {
    return each == RD_KAFKA_RESP_ERR__FENCED || each == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
           each == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
  };
  if (is_fencing(code) || is_fencing(fatal))
    return {ErrorKind::conflict, fmt::format("another process does the same to topic {}; this one ends", topic_)};
  if (auto refused = access_error(connection_, code,
                                  {.operation = "Write", .topic = topic_, .transactional_id = transactional_id_}))
    return *std::move(refused);
  if (const auto login = log_.login_error()) return login->error();
  return {ErrorKind::unreachable, fmt::format("{} on topic {} at {}: {}; run again: it goes on where it stopped", what,
                                              topic_, connection_.bootstrap_servers, rd_kafka_error_string(error))};
}

}  // namespace stack::kafka
