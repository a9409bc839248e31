#include "http/listener.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <exception>
#include <list>
#include <optional>
#include <stdexcept>
#include <thread>

namespace stack::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using beast::error_code;

constexpr std::size_t kReadAtOnce = 4096;
constexpr std::chrono::seconds kLastWords{1};            // for a client to take in why it is cut off
constexpr std::chrono::milliseconds kAfterFailure{100};  // out of descriptors: accept again after so long

// The program starts others (the local broker), which must not hold our port or our clients.
template <class Socket>
void close_on_exec(Socket& socket) {
  ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
}

int status_of(error_code error) {
  if (error == beast::http::error::header_limit) return 431;
  if (error == beast::http::error::body_limit) return 413;
  return 400;
}

}  // namespace

struct Listener::Server {
  Handler handler;
  Limits limits;
  Address address;
  bool loopback = false;
  std::list<Session*> sessions;  // those that wait for a request longest are first
  // Destroyed before what its pending operations look at.
  asio::io_context io{1};
  tcp::acceptor acceptor{io};
  asio::steady_timer pause{io};
  std::jthread thread;

  ~Server() { io.stop(); }
  Result<void> listen(const Address& wanted);
  void accept();
  Response answer(const Request& request) const;
};

// One connection. Kept alive by its pending operation; all on the listener's thread.
class Listener::Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Listener::Server& server, tcp::socket socket)
      : server_(server),
        stream_(std::move(socket)),
        buffer_(server.limits.header_bytes + server.limits.body_bytes + kReadAtOnce) {
    server_.sessions.push_back(this);
    place_ = std::prev(server_.sessions.end());
  }
  ~Session() { server_.sessions.erase(place_); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void start() { await(server_.limits.request_time); }

  // Its pending operation ends with an error, and the session with it.
  void close() { stream_.close(); }

 private:
  using Parser = beast::http::request_parser<beast::http::string_body>;
  using Message = beast::http::response<beast::http::string_body>;

  // The time for a request runs from its first byte, so that one may wait longer for it than it may take.
  void await(std::chrono::milliseconds patience) {
    server_.sessions.splice(server_.sessions.end(), server_.sessions, place_);
    if (buffer_.size() > 0) return read();
    stream_.expires_after(patience);
    stream_.async_read_some(buffer_.prepare(kReadAtOnce),
                            [self = shared_from_this()](error_code error, std::size_t size) {
                              if (error) return;
                              self->buffer_.commit(size);
                              self->read();
                            });
  }

  void read() {
    parser_.emplace();
    parser_->header_limit(server_.limits.header_bytes);
    parser_->body_limit(server_.limits.body_bytes);
    stream_.expires_after(server_.limits.request_time);
    beast::http::async_read(stream_, buffer_, *parser_,
                            [self = shared_from_this()](error_code error, std::size_t) { self->heed(error); });
  }

  void heed(error_code error) {
    if (error && error.category() != make_error_code(beast::http::error::bad_method).category()) return;
    if (error == beast::http::error::end_of_stream || error == beast::http::error::partial_message) return;
    if (error) return write({.status = status_of(error), .body = fmt::format("{}\n", error.message())}, false, false);
    const auto& message = parser_->get();
    const bool head = message.method() == beast::http::verb::head;
    if (message.count(beast::http::field::origin) > 0)
      return write({.status = 403, .body = "web pages are not served\n"}, message.keep_alive(), head);
    const Request request{.method = std::string{message.method_string()},
                          .target = std::string{message.target()},
                          .body = message.body(),
                          .host = std::string{message[beast::http::field::host]}};
    write(server_.answer(request), message.keep_alive(), head);
  }

  void write(Response response, bool keep_alive, bool head) {
    message_ = {};
    message_.result(static_cast<unsigned>(response.status));
    message_.set(beast::http::field::content_type, response.content_type);
    message_.set(beast::http::field::cache_control, "no-store");
    message_.keep_alive(keep_alive);
    message_.content_length(response.body.size());
    if (!head) message_.body() = std::move(response.body);
    stream_.expires_after(server_.limits.request_time);
    const auto done = [self = shared_from_this(), keep_alive](error_code error, std::size_t) {
      if (error) return;
      keep_alive ? self->await(self->server_.limits.idle_time) : self->hang_up();
    };
    beast::http::async_write(stream_, message_, done);
  }

  // Closing with bytes unread would reset the connection, and the client might never see the answer.
  void hang_up() {
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.expires_after(kLastWords);
    discard();
  }
  void discard() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(kReadAtOnce), [self = shared_from_this()](error_code error, std::size_t) {
      if (!error) self->discard();
    });
  }

  Listener::Server& server_;
  std::list<Session*>::iterator place_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  Message message_;
};

Result<void> Listener::Server::listen(const Address& wanted) {
  const auto refused = [&](const error_code& error, std::string_view next) {
    return fail(ErrorKind::usage, fmt::format("cannot listen on {}: {}; {}", wanted.text(), error.message(), next));
  };
  error_code error;
  auto ip = asio::ip::make_address(wanted.host == "localhost" ? "127.0.0.1" : wanted.host, error);
  if (error) {
    tcp::resolver resolver{io};
    const auto found = resolver.resolve(wanted.host, std::to_string(wanted.port), error);
    if (error || found.empty()) return refused(error, "give an address of this machine, as 127.0.0.1:9464");
    ip = found.begin()->endpoint().address();
  }
  const tcp::endpoint endpoint{ip, wanted.port};
  acceptor.open(endpoint.protocol(), error);
  if (error) return refused(error, "give an address of this machine, as 127.0.0.1:9464");
  close_on_exec(acceptor);
  acceptor.set_option(asio::socket_base::reuse_address{true}, error);
  acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error == asio::error::address_in_use) return refused(error, "give another port, or 0 for a free one");
  if (error) return refused(error, "give an address of this machine, as 127.0.0.1:9464");
  const auto bound = acceptor.local_endpoint(error);
  if (error) return refused(error, "give an address of this machine, as 127.0.0.1:9464");
  address = {bound.address().to_string(), bound.port()};
  loopback = bound.address().is_loopback();
  return {};
}

void Listener::Server::accept() {
  acceptor.async_accept([this](error_code error, tcp::socket socket) {
    if (error) {
      pause.expires_after(kAfterFailure);
      pause.async_wait([this](error_code stopped) {
        if (!stopped) accept();
      });
      return;
    }
    close_on_exec(socket);
    if (sessions.size() >= limits.connections) sessions.front()->close();
    std::make_shared<Session>(*this, std::move(socket))->start();
    accept();
  });
}

Response Listener::Server::answer(const Request& request) const {
  try {
    return handler(request);
  } catch (const std::exception& exception) {
    return {.status = 500, .body = fmt::format("internal error: {}\n", exception.what())};
  }
}

Listener::Listener(std::unique_ptr<Server> server) : server_(std::move(server)) {}
Listener::~Listener() = default;

Result<std::unique_ptr<Listener>> Listener::open(const Address& address, Handler handler, const Limits& limits) {
  try {
    auto server = std::make_unique<Server>();
    server->handler = std::move(handler);
    server->limits = limits;
    STACK_TRY(server->listen(address));
    server->accept();
    server->thread = std::jthread{[io = &server->io] { io->run(); }};
    return std::unique_ptr<Listener>{new Listener(std::move(server))};
  } catch (const std::runtime_error& error) {  // out of descriptors or threads
    return fail(ErrorKind::usage, fmt::format("cannot listen on {}: {}", address.text(), error.what()));
  }
}

const Address& Listener::address() const { return server_->address; }
bool Listener::is_loopback() const { return server_->loopback; }

}  // namespace stack::http
