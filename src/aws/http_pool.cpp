#include "aws/http_pool.hpp"

#include <aws/common/date_time.h>
#include <aws/http/connection.h>
#include <aws/http/proxy.h>
#include <aws/io/io.h>
#include <aws/io/socket.h>
#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "aws/answer_wait.hpp"
#include "aws/runtime.hpp"

namespace stack::aws {
namespace {

constexpr Milliseconds kLongestConnect{10'000};
constexpr std::uint32_t kMostStallSeconds = 10;
constexpr std::uint64_t kFirstByteMs = 10'000;
constexpr std::uint64_t kMostIdleMs = 4'000;  // less than the 5 s after which some stores close silently

// A request for a connection cannot be taken back: who asked may be gone when it comes.
struct Acquisition {
  aws_http_connection_manager* connections = nullptr;
  std::mutex mutex;
  std::condition_variable changed;
  aws_http_connection* connection = nullptr;
  int code = 0;
  bool done = false;
  bool abandoned = false;
};

void on_acquired(aws_http_connection* connection, int code, void* user_data) {
  const std::unique_ptr<std::shared_ptr<Acquisition>> held{static_cast<std::shared_ptr<Acquisition>*>(user_data)};
  Acquisition& acquisition = **held;
  const std::lock_guard lock{acquisition.mutex};
  if (acquisition.abandoned) {
    if (connection != nullptr) aws_http_connection_manager_release_connection(acquisition.connections, connection);
    return;
  }
  acquisition.connection = connection;
  acquisition.code = code;
  acquisition.done = true;
  acquisition.changed.notify_all();
}

struct Exchange {
  std::mutex mutex;
  std::condition_variable changed;
  PooledResponse response;
  int code = 0;
  bool begun = false;  // its answer
  bool done = false;
};

int on_headers(aws_http_stream* /*stream*/, aws_http_header_block block, const aws_http_header* headers,
               std::size_t count, void* user_data) {
  if (block == AWS_HTTP_HEADER_BLOCK_INFORMATIONAL) return AWS_OP_SUCCESS;
  auto& exchange = *static_cast<Exchange*>(user_data);
  auto& response = exchange.response;
  for (std::size_t i = 0; i < count; ++i)
    response.headers.emplace_back(text_of(headers[i].name), text_of(headers[i].value));
  const std::lock_guard lock{exchange.mutex};
  exchange.begun = true;
  exchange.changed.notify_all();
  return AWS_OP_SUCCESS;
}

int on_body(aws_http_stream* /*stream*/, const aws_byte_cursor* data, void* user_data) {
  static_cast<Exchange*>(user_data)->response.body.append(reinterpret_cast<const char*>(data->ptr),
                                                          data->len);  // NOLINT
  return AWS_OP_SUCCESS;
}

void on_complete(aws_http_stream* stream, int code, void* user_data) {
  auto& exchange = *static_cast<Exchange*>(user_data);
  if (code == 0 && aws_http_stream_get_incoming_response_status(stream, &exchange.response.status) != AWS_OP_SUCCESS)
    code = aws_last_error();
  const std::lock_guard lock{exchange.mutex};
  exchange.code = code;
  exchange.done = true;
  exchange.changed.notify_all();
}

std::unexpected<Error> lost(std::string_view way, int code) {
  std::string_view reason = aws_error_str(code);
  if (reason.ends_with('.')) reason.remove_suffix(1);
  const bool certificate = code == AWS_IO_TLS_ERROR_NEGOTIATION_FAILURE;
  return fail(ErrorKind::unreachable,
              fmt::format("{}: {}{}", way, reason,
                          certificate ? "; if its certificate is one of your own, name it with AWS_CA_BUNDLE" : ""));
}

std::unexpected<Error> no_answer(std::string_view way, WaitEnd why) {
  if (why == WaitEnd::stopped) return fail(ErrorKind::interrupted, fmt::format("{}: interrupted", way));
  return fail(ErrorKind::unreachable, fmt::format("{} does not answer in time", way));
}

Result<aws_http_connection*> acquire(aws_http_connection_manager* connections, std::string_view way, Deadline deadline,
                                     const StopFlag* stop) {
  const auto acquisition = std::make_shared<Acquisition>();
  acquisition->connections = connections;
  auto held = std::make_unique<std::shared_ptr<Acquisition>>(acquisition);
  aws_http_connection_manager_acquire_connection(connections, on_acquired, held.release());
  std::unique_lock lock{acquisition->mutex};
  const auto end = wait_for_answer(acquisition->changed, lock, deadline, stop, [&] { return acquisition->done; });
  if (end != WaitEnd::done) {
    acquisition->abandoned = true;
    return no_answer(way, end);
  }
  if (acquisition->connection == nullptr) return lost(way, acquisition->code);
  return acquisition->connection;
}

}  // namespace

std::string_view PooledResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key.size() == name.size() && ::strncasecmp(key.data(), name.data(), name.size()) == 0) return value;
  return {};
}

std::optional<Micros> date_of(const PooledResponse& answer) {
  aws_date_time time{};
  const auto text = cursor_of(answer.header("Date"));
  if (aws_date_time_init_from_str_cursor(&time, &text, AWS_DATE_FORMAT_RFC822) != AWS_OP_SUCCESS) return std::nullopt;
  return Micros{std::chrono::milliseconds{aws_date_time_as_millis(&time)}};
}

Result<std::unique_ptr<HttpPool>> HttpPool::open(std::string_view endpoint, std::size_t most_connections,
                                                 Milliseconds patience) {
  STACK_TRY_ASSIGN(url, parse_url(endpoint));
  STACK_TRY_ASSIGN(way, proxy_of(url));
  auto& runtime = Runtime::instance();
  aws_socket_options socket{};
  socket.type = AWS_SOCKET_STREAM;
  socket.domain = url.host.find(':') == std::string::npos ? AWS_SOCKET_IPV4 : AWS_SOCKET_IPV6;
  socket.connect_timeout_ms =
      static_cast<std::uint32_t>(std::clamp(patience, Milliseconds{1}, kLongestConnect).count());
  proxy_env_var_settings proxy{};
  proxy.env_var_type = AWS_HPEV_ENABLE;
  aws_http_connection_monitoring_options stall{};
  stall.minimum_throughput_bytes_per_second = 1;
  stall.allowable_throughput_failure_interval_seconds = kMostStallSeconds;
  aws_http_connection_manager_options options{};
  options.bootstrap = runtime.bootstrap();
  options.initial_window_size = SIZE_MAX;
  options.socket_options = &socket;
  options.monitoring_options = &stall;
  options.host = cursor_of(url.host);
  options.port = url.port;
  options.response_first_byte_timeout_ms = kFirstByteMs;
  options.max_connections = most_connections;
  options.max_connection_idle_in_milliseconds = kMostIdleMs;
  aws_tls_connection_options tls{};
  if (url.tls) {
    STACK_TRY_ASSIGN(context, runtime.tls());
    aws_tls_connection_options_init_from_ctx(&tls, context);
    aws_tls_connection_options_set_server_name(&tls, Runtime::allocator(), &options.host);
    options.tls_connection_options = &tls;
    options.proxy_ev_settings = &proxy;
  }
  aws_http_connection_manager* connections = aws_http_connection_manager_new(Runtime::allocator(), &options);
  const int code = aws_last_error();
  if (url.tls) aws_tls_connection_options_clean_up(&tls);
  if (connections == nullptr) return lost(way_to(url, way), code);
  return std::unique_ptr<HttpPool>(new HttpPool(std::move(url), std::move(way), connections));
}

HttpPool::~HttpPool() { aws_http_connection_manager_release(connections_); }

Result<PooledResponse> HttpPool::send(aws_http_message& message, Deadline deadline, const StopFlag* stop,
                                      Sending sending) {
  const auto way = way_to(url_, proxy_);
  STACK_TRY_ASSIGN(connection, acquire(connections_, way, deadline, stop));
  if (sending.sent != nullptr) *sending.sent = true;
  const auto begin =
      sending.silence ? std::min<Deadline>(deadline, std::chrono::steady_clock::now() + *sending.silence) : deadline;
  Exchange exchange;
  aws_http_make_request_options options{};
  options.self_size = sizeof options;
  options.request = &message;
  options.user_data = &exchange;
  options.on_response_headers = on_headers;
  options.on_response_body = on_body;
  options.on_complete = on_complete;
  aws_http_stream* stream = aws_http_connection_make_request(connection, &options);
  if (stream == nullptr || aws_http_stream_activate(stream) != AWS_OP_SUCCESS) {
    const int code = aws_last_error();
    if (stream != nullptr) aws_http_stream_release(stream);
    aws_http_connection_close(connection);
    aws_http_connection_manager_release_connection(connections_, connection);
    return lost(way, code);
  }
  WaitEnd end = WaitEnd::done;
  {
    std::unique_lock lock{exchange.mutex};
    end = wait_for_answer(exchange.changed, lock, begin, stop, [&] { return exchange.begun || exchange.done; });
    if (end == WaitEnd::done)
      end = wait_for_answer(exchange.changed, lock, deadline, stop, [&] { return exchange.done; });
    if (end != WaitEnd::done) {
      aws_http_connection_close(connection);
      // The event loop may still read the body; once the stream has ended it does not.
      exchange.changed.wait(lock, [&] { return exchange.done; });
      if (exchange.code == 0) end = WaitEnd::done;
    }
  }
  aws_http_stream_release(stream);
  aws_http_connection_manager_release_connection(connections_, connection);
  if (end != WaitEnd::done) return no_answer(way, end);
  if (exchange.code != 0) return lost(way, exchange.code);
  return std::move(exchange.response);
}

}  // namespace stack::aws
