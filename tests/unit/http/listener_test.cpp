#include "http/listener.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <rapidcheck/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "core/unique_fd.hpp"

namespace stack::http {
namespace {

using namespace std::chrono_literals;

// A client that knows only bytes, so that it can send what no library would.
class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_.get(), reinterpret_cast<sockaddr*>(&where), sizeof where) == 0;
  }

  [[nodiscard]] bool connected() const { return connected_; }
  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // it has hung up
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void finish() const { ::shutdown(socket_.get(), SHUT_WR); }

  // What comes until END is in it, or the other side closes, or nothing comes for PATIENCE.
  std::string receive(std::string_view end = "", std::chrono::milliseconds patience = 5s) const {
    std::string all;
    for (;;) {
      pollfd waiting{socket_.get(), POLLIN, 0};
      if (::poll(&waiting, 1, static_cast<int>(patience.count())) <= 0) return all + "<silence>";
      char bytes[4096];
      const auto size = ::recv(socket_.get(), bytes, sizeof bytes, 0);
      if (size <= 0) return all + "<closed>";
      all.append(bytes, static_cast<std::size_t>(size));
      if (!end.empty() && all.find(end) != std::string::npos) return all;
    }
  }

 private:
  UniqueFd socket_;
  bool connected_ = false;
};

Response echo(const Request& request) {
  if (request.path() == "/throw") throw std::runtime_error{"as it was told"};
  return {.status = request.path() == "/none" ? 404 : 200,
          .body = request.method + " " + request.target + " [" + request.body + "]"};
}

std::unique_ptr<Listener> listener(const Limits& limits = {}, Handler handler = echo) {
  auto opened = Listener::open({}, std::move(handler), limits);
  EXPECT_TRUE(opened) << opened.error().message;
  return *std::move(opened);
}

TEST(Listener, AnswersRequestAfterRequestOnOneConnection) {
  const auto server = listener();
  const Client client{server->address().port};
  client.send("GET /a?b=1 HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto first = client.receive("[]");
  EXPECT_TRUE(first.starts_with("HTTP/1.1 200 OK\r\n")) << first;
  EXPECT_NE(first.find("\r\n\r\nGET /a?b=1 []"), std::string::npos) << first;
  client.send("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nspeed");
  EXPECT_NE(client.receive("]").find("POST /p [speed]"), std::string::npos);
  client.send("GET /none HTTP/1.1\r\nConnection: close\r\n\r\n");
  const auto last = client.receive();
  EXPECT_TRUE(last.starts_with("HTTP/1.1 404 ")) << last;
  EXPECT_TRUE(last.ends_with("<closed>")) << last;
}

TEST(Listener, AnswersTwoRequestsThatCameTogether) {
  const auto server = listener();
  const Client client{server->address().port};
  client.send("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\nConnection: close\r\n\r\n");
  const auto answers = client.receive();
  EXPECT_LT(answers.find("GET /1 []"), answers.find("GET /2 []"));
}

TEST(Listener, SendsNoBodyToHead) {
  const auto server = listener();
  const Client client{server->address().port};
  client.send("HEAD /a HTTP/1.1\r\nConnection: close\r\n\r\n");
  const auto answer = client.receive();
  EXPECT_NE(answer.find("Content-Length: 10\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n<closed>")) << answer;
}

TEST(Listener, RefusesWhatIsNoRequestAndGoesOn) {
  const auto server = listener();
  for (const std::string bytes : {"garbage\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
                                  "\x16\x03\x01\x02\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"}) {
    const Client client{server->address().port};
    client.send(bytes);
    const auto answer = client.receive();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << bytes << answer;
    EXPECT_TRUE(answer.ends_with("<closed>")) << bytes << answer;
  }
  const Client client{server->address().port};
  client.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_NE(client.receive("[]").find("200 OK"), std::string::npos);
}

TEST(Listener, RefusesHeadersAndBodiesBeyondItsLimits) {
  const auto server = listener({.header_bytes = 1000, .body_bytes = 1000});
  const Client headers{server->address().port};
  headers.send("GET / HTTP/1.1\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n");
  EXPECT_TRUE(headers.receive().starts_with("HTTP/1.1 431 "));
  const Client body{server->address().port};
  body.send("POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'x'));
  EXPECT_TRUE(body.receive().starts_with("HTTP/1.1 413 "));
  const Client chunks{server->address().port};
  chunks.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n" + std::string(100'000, 'x'));
  EXPECT_TRUE(chunks.receive().starts_with("HTTP/1.1 413 "));
}

TEST(Listener, RefusesWebPages) {
  const auto server = listener();
  const Client client{server->address().port};
  client.send("POST /pause HTTP/1.1\r\nOrigin: http://example\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(client.receive().starts_with("HTTP/1.1 403 "));
}

TEST(Listener, TellsTheClientOfAHandlerThatThrows) {
  const auto server = listener();
  const Client client{server->address().port};
  client.send("GET /throw HTTP/1.1\r\nConnection: close\r\n\r\n");
  const auto answer = client.receive();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 ")) << answer;
}

TEST(Listener, ClosesHalfRequestsAndSilentClients) {
  const auto server = listener({.request_time = 200ms, .idle_time = 300ms});
  const Client silent{server->address().port};
  const Client half{server->address().port};
  half.send("GET / HTTP/1.1\r\nHost:");
  const Client idle{server->address().port};
  idle.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(silent.receive(), "<closed>");
  EXPECT_EQ(half.receive(), "<closed>");
  EXPECT_TRUE(idle.receive().ends_with("<closed>"));
  const Client gone{server->address().port};
  gone.send("GET / HT");
  gone.finish();
  EXPECT_EQ(gone.receive(), "<closed>");
}

// A byte now and then does not give a request more time than it has.
TEST(Listener, ClosesClientsThatDripTheirRequest) {
  const auto server = listener({.request_time = 300ms});
  const Client dripping{server->address().port};
  const auto began = std::chrono::steady_clock::now();
  std::string answer;
  while (answer != "<closed>" && std::chrono::steady_clock::now() - began < 5s) {
    dripping.send("x");
    answer = dripping.receive("", 20ms);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, 3s);
}

TEST(Listener, MakesRoomForNewClientsBesideManySlowOnes) {
  const auto server = listener({.connections = 8});
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 40; ++i) {
    slow.push_back(std::make_unique<Client>(server->address().port));
    slow.back()->send("GET / HT");
    const Client client{server->address().port};
    client.send("GET /quick HTTP/1.1\r\nConnection: close\r\n\r\n");
    ASSERT_NE(client.receive().find("GET /quick"), std::string::npos) << i;
  }
  EXPECT_EQ(slow.front()->receive(), "<closed>");
}

TEST(Listener, ServesManyClientsAtOnce) {
  std::atomic<int> calls = 0;
  const auto server = listener({}, [&](const Request& request) {
    ++calls;
    return echo(request);
  });
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i)
      threads.emplace_back([&, i] {
        const Client client{server->address().port};
        for (int j = 0; j < 50; ++j) {
          const auto target = "/" + std::to_string(i * 100 + j);
          client.send("GET " + target + " HTTP/1.1\r\n\r\n");
          if (client.receive("[]").ends_with("\r\n\r\nGET " + target + " []")) ++good;
        }
      });
  }
  EXPECT_EQ(good, 16 * 50);
  EXPECT_EQ(calls, 16 * 50);
}

TEST(Listener, EndsAtOnceWithClientsConnected) {
  auto server = listener();
  const auto port = server->address().port;
  const Client silent{port};
  const Client half{port};
  half.send("GET / HT");
  const auto began = std::chrono::steady_clock::now();
  server.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 1s);
  EXPECT_EQ(silent.receive(), "<closed>");
  EXPECT_FALSE(Client{port}.connected());
}

TEST(Listener, SaysWhatIsWrongWithAnAddress) {
  const auto server = listener();
  const auto taken = Listener::open(server->address(), echo);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind, ErrorKind::usage);
  EXPECT_NE(taken.error().message.find(server->address().text()), std::string::npos) << taken.error().message;
  EXPECT_NE(taken.error().message.find("in use"), std::string::npos) << taken.error().message;
  for (const char* host : {"192.0.2.1", "no-such-host.invalid"}) {  // RFC 5737 and 2606: never this machine's
    const auto elsewhere = Listener::open({host, 0}, echo);
    ASSERT_FALSE(elsewhere) << host;
    EXPECT_NE(elsewhere.error().message.find(host), std::string::npos) << elsewhere.error().message;
  }
}

TEST(Listener, KnowsWhetherOthersCanReachIt) {
  EXPECT_TRUE(listener()->is_loopback());
  const auto everywhere = Listener::open({"0.0.0.0", 0}, echo);
  ASSERT_TRUE(everywhere);
  EXPECT_FALSE((*everywhere)->is_loopback());
  EXPECT_NE((*everywhere)->address().port, 0);
}

TEST(Listener, IsNotInheritedByOtherPrograms) {
  const auto server = listener();
  const Client client{server->address().port};
  client.send("GET / HTTP/1.1\r\n\r\n");
  (void)client.receive("[]");
  for (int fd = 3; fd < 64; ++fd) {
    sockaddr_storage name{};
    socklen_t size = sizeof name;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) != 0) continue;
    EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0) << fd;
  }
}

RC_GTEST_PROP(Listener, OutlivesAnyBytes, (const std::vector<std::uint8_t>& bytes)) {
  static const auto server = listener({.request_time = 200ms});
  const Client garbage{server->address().port};
  garbage.send({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  garbage.finish();
  RC_ASSERT(garbage.receive().ends_with("<closed>"));
  const Client client{server->address().port};
  client.send("GET /ok HTTP/1.1\r\nConnection: close\r\n\r\n");
  RC_ASSERT(client.receive().find("GET /ok") != std::string::npos);
}

}  // namespace
}  // namespace stack::http
