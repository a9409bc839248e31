// The client of an Admin, and how its requests are made and answered; for admin.cpp and admin_offsets.cpp alone.
// Thread-safety: one thread at a time. Failure: as Admin.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include "kafka/access_error.hpp"
#include "kafka/admin.hpp"
#include "kafka/client_log.hpp"
#include "kafka/passing_refusal.hpp"

namespace stack::kafka {

struct Admin::State {
  Connection connection;
  ClientLog log;
  ClientHandle client;
  QueueHandle queue;
  const StopFlag* stop = nullptr;             // of connecting alone
  static constexpr Milliseconds kSlice{100};  // of a wait, between two looks at what may end it
  static constexpr Milliseconds kShortestAttempt{10};
  static constexpr Milliseconds kFirstAttempt{2'000};  // each further one waits twice as long

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

  // Waits for the answer to a request that was made on `queue`. ErrorKind::interrupted where GIVE_UP is requested.
  [[nodiscard]] Result<EventHandle> answer(const std::string& what, const StopFlag* give_up = nullptr) {
    const auto deadline = std::chrono::steady_clock::now() + connection.connect_timeout;
    EventHandle event;
    while (!event) {
      const auto left = deadline - std::chrono::steady_clock::now();
      const bool stopped = give_up != nullptr && give_up->requested();
      if (left <= std::chrono::steady_clock::duration::zero() || stopped) {
        queue.reset(rd_kafka_queue_new(client.get()));  // a late answer is not to be taken for the next request's
        if (stopped)
          return fail(ErrorKind::interrupted,
                      fmt::format("stopped while {} waits for Kafka at {}", what, connection.bootstrap_servers));
        return std::unexpected(unanswered(connection, log));
      }
      const auto wait = std::min<std::chrono::steady_clock::duration>(left, kSlice);
      event.reset(rd_kafka_queue_poll(queue.get(), static_cast<int>(std::chrono::ceil<Milliseconds>(wait).count())));
    }
    if (const auto code = rd_kafka_event_error(event.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      const bool away = code == RD_KAFKA_RESP_ERR__TIMED_OUT || code == RD_KAFKA_RESP_ERR__TRANSPORT;
      if (away) return std::unexpected(unanswered(connection, log));
      return fail(kind_of_refusal(code), fmt::format("{} at {}: {}", what, connection.bootstrap_servers,
                                                     rd_kafka_event_error_string(event.get())));
    }
    log.logged_in();
    return event;
  }

  // What is only read is asked for in attempts, each by a new client: one that has met a broker in the moment in which
  // the cluster took it for dead knows no controller, and does not look for one again. ASK: makes the request, with the
  // options that it is given, on `queue`.
  template <class Ask>
  [[nodiscard]] Result<EventHandle> read(const std::string& what, rd_kafka_admin_op_t operation, Milliseconds patience,
                                         Ask&& ask) {
    const auto deadline = std::chrono::steady_clock::now() + std::min(patience, connection.connect_timeout);
    for (auto attempt = kFirstAttempt;; attempt *= 2) {
      const auto left = std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now());
      const auto asked = options(operation, std::clamp(left, kShortestAttempt, attempt));
      ask(asked.get());
      auto event = answer(what);
      if (event || event.error().kind != ErrorKind::unreachable) return event;
      STACK_TRY(open());
      if (std::chrono::steady_clock::now() >= deadline) return event;
    }
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

}  // namespace stack::kafka
