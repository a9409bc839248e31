#include "http/client.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <functional>

namespace stack::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using beast::error_code;

// Runs what START begins to its end: only what is asynchronous has a timeout.
error_code await(asio::io_context& io, const std::function<void(std::function<void(error_code)>)>& start) {
  error_code result;
  start([&](error_code error) { result = error; });
  io.restart();
  io.run();
  return result;
}

}  // namespace

Result<Response> ask(const Address& address, const Request& request, std::chrono::milliseconds patience) {
  const auto unreachable = [&](const error_code& error) {
    return fail(ErrorKind::unreachable, fmt::format("http://{}: {}; check the address that the feed has printed",
                                                    address.text(), error.message()));
  };
  asio::io_context io{1};
  error_code error;
  tcp::resolver resolver{io};
  const auto found = resolver.resolve(address.host, std::to_string(address.port), error);
  if (error) return unreachable(error);
  beast::tcp_stream stream{io};
  stream.expires_after(patience);
  error = await(io, [&](const auto& done) {
    stream.async_connect(found, [done](error_code failed, const tcp::endpoint&) { done(failed); });
  });
  if (error) return unreachable(error);
  beast::http::request<beast::http::string_body> message{beast::http::string_to_verb(request.method), request.target,
                                                         11};
  message.set(beast::http::field::host, request.host.empty() ? address.text() : request.host);
  message.body() = request.body;
  message.prepare_payload();
  error = await(io, [&](const auto& done) {
    beast::http::async_write(stream, message, [done](error_code failed, std::size_t) { done(failed); });
  });
  if (error) return unreachable(error);
  beast::flat_buffer buffer;
  beast::http::response_parser<beast::http::string_body> parser;
  error = await(io, [&](const auto& done) {
    beast::http::async_read(stream, buffer, parser, [done](error_code failed, std::size_t) { done(failed); });
  });
  if (error) return unreachable(error);
  const auto& answer = parser.get();
  return Response{.status = static_cast<int>(answer.result_int()),
                  .content_type = std::string{answer[beast::http::field::content_type]},
                  .body = answer.body()};
}

}  // namespace stack::http
