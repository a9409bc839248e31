#include "aws/http_client.hpp"

#include <aws/common/error.h>
#include <aws/http/connection.h>
#include <aws/http/proxy.h>
#include <aws/io/io.h>
#include <aws/io/socket.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "aws/answer_wait.hpp"
#include "aws/http_message.hpp"
#include "aws/proxy.hpp"
#include "aws/runtime.hpp"

namespace stack::aws {
namespace {

constexpr std::size_t kMostBody = 1 << 20;

// What the caller and the event loop's callbacks share. The loop's part ends with on_shutdown, or with an on_setup that
// failed; the caller may have given up before. The request is the exchange's own, since its body is sent from there.
struct Exchange : std::enable_shared_from_this<Exchange> {
  HttpRequest request;
  UrlParts url;
  std::string way;  // to the host, for messages
  std::unique_ptr<aws_http_message, MessageDeleter> message;
  std::shared_ptr<Exchange> held_by_loop;  // itself, for as long as callbacks may come

  std::mutex mutex;
  std::condition_variable changed;
  aws_http_connection* connection = nullptr;
  bool abandoned = false;
  bool done = false;
  int error_code = 0;
  HttpResponse response;

  void finish(int code) {
    const std::lock_guard lock{mutex};
    if (done) return;
    done = true;
    error_code = code;
    changed.notify_all();
  }
};

Exchange& exchange_of(void* user_data) { return *static_cast<Exchange*>(user_data); }

int on_body(aws_http_stream* /*stream*/, const aws_byte_cursor* data, void* user_data) {
  auto& body = exchange_of(user_data).response.body;
  body.append(text_of(*data), 0, std::min(data->len, kMostBody - body.size()));
  return AWS_OP_SUCCESS;
}

void on_complete(aws_http_stream* stream, int code, void* user_data) {
  auto& exchange = exchange_of(user_data);
  if (code == 0 && aws_http_stream_get_incoming_response_status(stream, &exchange.response.status) != AWS_OP_SUCCESS)
    code = aws_last_error();
  aws_http_stream_release(stream);
  aws_http_connection* connection = nullptr;
  {
    const std::lock_guard lock{exchange.mutex};
    connection = std::exchange(exchange.connection, nullptr);
  }
  exchange.finish(code);
  aws_http_connection_release(connection);  // on_shutdown follows
}

void on_setup(aws_http_connection* connection, int code, void* user_data) {
  auto& exchange = exchange_of(user_data);
  if (connection == nullptr) {
    exchange.finish(code);
    exchange.held_by_loop.reset();
    return;
  }
  aws_http_make_request_options options{};
  options.self_size = sizeof options;
  options.request = exchange.message.get();
  options.user_data = &exchange;
  options.on_response_body = on_body;
  options.on_complete = on_complete;
  {
    const std::lock_guard lock{exchange.mutex};
    aws_http_stream* stream = exchange.abandoned ? nullptr : aws_http_connection_make_request(connection, &options);
    if (stream != nullptr && aws_http_stream_activate(stream) == AWS_OP_SUCCESS) {
      exchange.connection = connection;
      return;
    }
    code = aws_last_error();
    if (stream != nullptr) aws_http_stream_release(stream);
  }
  exchange.finish(code);
  aws_http_connection_release(connection);
}

// The connection's own end comes 10 to 30 s after a handshake that failed: s2n hides what failed in the time it takes.
void on_negotiated(aws_channel_handler* /*handler*/, aws_channel_slot* /*slot*/, int code, void* user_data) {
  if (code != 0) exchange_of(user_data).finish(code);
}

void on_shutdown(aws_http_connection* /*connection*/, int /*code*/, void* user_data) {
  const auto last = std::move(exchange_of(user_data).held_by_loop);
}

std::string reason_of(int code) {
  const bool certificate = code == AWS_IO_TLS_ERROR_NEGOTIATION_FAILURE;
  return fmt::format("{}{}", aws_error_str(code),
                     certificate ? "; if its certificate is one of your own, name it with AWS_CA_BUNDLE" : "");
}

Result<void> connect(Exchange& exchange, Deadline deadline) {
  auto& runtime = Runtime::instance();
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  aws_socket_options socket{};
  socket.type = AWS_SOCKET_STREAM;
  socket.domain = exchange.url.host.find(':') == std::string::npos ? AWS_SOCKET_IPV4 : AWS_SOCKET_IPV6;
  socket.connect_timeout_ms = static_cast<std::uint32_t>(std::clamp<std::int64_t>(left.count(), 1, 600'000));
  proxy_env_var_settings proxy{};
  proxy.env_var_type = AWS_HPEV_ENABLE;
  aws_tls_connection_options tls{};
  aws_http_client_connection_options options = AWS_HTTP_CLIENT_CONNECTION_OPTIONS_INIT;
  options.allocator = Runtime::allocator();
  options.bootstrap = runtime.bootstrap();
  options.host_name = cursor_of(exchange.url.host);
  options.port = exchange.url.port;
  options.socket_options = &socket;
  options.initial_window_size = SIZE_MAX;
  options.user_data = &exchange;
  options.on_setup = on_setup;
  options.on_shutdown = on_shutdown;
  if (exchange.url.tls) {
    STACK_TRY_ASSIGN(context, runtime.tls());
    aws_tls_connection_options_init_from_ctx(&tls, context);
    aws_tls_connection_options_set_server_name(&tls, Runtime::allocator(), &options.host_name);
    aws_tls_connection_options_set_callbacks(&tls, on_negotiated, nullptr, nullptr, &exchange);
    options.tls_options = &tls;
    options.proxy_ev_settings = &proxy;  // plain http is only for what is near: metadata, containers, tests
  }
  exchange.held_by_loop = exchange.shared_from_this();
  const bool begun = aws_http_client_connect(&options) == AWS_OP_SUCCESS;
  const int code = aws_last_error();
  if (exchange.url.tls) aws_tls_connection_options_clean_up(&tls);
  if (begun) return {};
  exchange.held_by_loop.reset();
  return fail(ErrorKind::unreachable, fmt::format("{}: {}", exchange.way, aws_error_str(code)));
}

}  // namespace

Result<HttpResponse> http_call(const HttpRequest& request, Deadline deadline, const StopFlag* stop) {
  STACK_TRY_ASSIGN(url, parse_url(request.url));
  STACK_TRY_ASSIGN(proxy, proxy_of(url));
  const auto began = std::chrono::steady_clock::now();
  const auto exchange = std::make_shared<Exchange>();
  exchange->request = request;
  exchange->url = url;
  exchange->way = way_to(url, proxy);
  Runtime::instance();
  exchange->message = make_message(exchange->request, exchange->url);
  STACK_TRY(connect(*exchange, deadline));
  std::unique_lock lock{exchange->mutex};
  const auto end = wait_for_answer(exchange->changed, lock, deadline, stop, [&] { return exchange->done; });
  if (end != WaitEnd::done) {
    exchange->abandoned = true;
    if (exchange->connection != nullptr) aws_http_connection_close(exchange->connection);
    if (end == WaitEnd::stopped) return fail(ErrorKind::interrupted, fmt::format("{}: interrupted", exchange->way));
    const auto waited = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    return fail(ErrorKind::unreachable, fmt::format("{} does not answer within {:.1f} s", exchange->way, waited));
  }
  if (exchange->error_code != 0)
    return fail(ErrorKind::unreachable, fmt::format("{}: {}", exchange->way, reason_of(exchange->error_code)));
  return exchange->response;
}

std::string host_of(std::string_view url) {
  const auto parts = parse_url(url);
  return parts ? parts->authority : std::string{};
}

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view{"-_.~"}.find(c) != std::string_view::npos)
      encoded += c;
    else
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

}  // namespace stack::aws
