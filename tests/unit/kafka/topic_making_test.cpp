// Making a topic against a broker that is played here: it says who it is, and refuses as the tests tell it to. (The
// mock cluster of librdkafka makes no topics.)
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "core/unique_fd.hpp"
#include "kafka/admin.hpp"
#include "kafka/passing_refusal.hpp"

namespace stack::kafka {
namespace {

using std::chrono::steady_clock;
using testing::AllOf;
using testing::HasSubstr;

// Kafka's own encoding, of versions before the compact one. (https://kafka.apache.org/protocol)
class Reply {
 public:
  template <class Integer>
  Reply& number(Integer value) {
    for (int shift = 8 * (static_cast<int>(sizeof value) - 1); shift >= 0; shift -= 8)
      bytes_.push_back(static_cast<char>((value >> shift) & 0xff));
    return *this;
  }
  Reply& text(std::string_view value) {
    number(static_cast<std::int16_t>(value.size()));
    bytes_ += value;
    return *this;
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

constexpr std::int16_t kSilence = -2;  // in place of a refusal: no answer at all

class PlayedBroker {
 public:
  // Answers attempts to make a topic with REFUSALS, one after the other, the last for ever. Of the cluster it tells
  // WITHOUT_CONTROLLER times that there is no controller, as one that takes its broker for dead.
  explicit PlayedBroker(std::vector<std::int16_t> refusals, int without_controller = 0)
      : refusals_(refusals.begin(), refusals.end()), without_controller_(without_controller) {
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof here;
    auto* const address = reinterpret_cast<sockaddr*>(&here);
    EXPECT_EQ(::bind(listening_.get(), address, size), 0);
    EXPECT_EQ(::listen(listening_.get(), 16), 0);
    EXPECT_EQ(::getsockname(listening_.get(), address, &size), 0);
    port_ = ntohs(here.sin_port);
    acceptor_ = std::thread{[this] { accept_all(); }};
  }
  ~PlayedBroker() {
    ::shutdown(listening_.get(), SHUT_RDWR);
    acceptor_.join();
    for (const auto& client : clients_) ::shutdown(client.get(), SHUT_RDWR);
    for (auto& thread : servers_) thread.join();
  }
  PlayedBroker(const PlayedBroker&) = delete;
  PlayedBroker& operator=(const PlayedBroker&) = delete;

  [[nodiscard]] Connection connection(Milliseconds patience) const {
    return {.bootstrap_servers = "127.0.0.1:" + std::to_string(port_), .properties = {}, .connect_timeout = patience};
  }
  [[nodiscard]] int attempts() {
    const std::lock_guard lock{mutex_};
    return attempts_;
  }

 private:
  enum Api : std::int16_t { metadata = 3, versions = 18, create_topics = 19 };

  void accept_all() {
    for (int client = 0; (client = ::accept(listening_.get(), nullptr, nullptr)) >= 0;) {
      clients_.emplace_back(client);
      servers_.emplace_back([this, client] { serve(client); });
    }
  }

  void serve(int client) {
    std::uint32_t size = 0;
    while (::recv(client, &size, sizeof size, MSG_WAITALL) == sizeof size) {
      std::string request(ntohl(size), '\0');
      if (::recv(client, request.data(), request.size(), MSG_WAITALL) != static_cast<ssize_t>(request.size())) return;
      const auto reply = answer(request);
      if (reply.empty()) continue;
      const auto whole = Reply{}.number(static_cast<std::int32_t>(reply.size())).bytes() + reply;
      if (::send(client, whole.data(), whole.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(whole.size())) return;
    }
  }

  [[nodiscard]] static std::int16_t short_at(const std::string& request, std::size_t at) {
    return static_cast<std::int16_t>((static_cast<unsigned char>(request[at]) << 8) |
                                     static_cast<unsigned char>(request[at + 1]));
  }

  std::string answer(const std::string& request) {
    const auto api = short_at(request, 0);
    const auto version = short_at(request, 2);
    const auto correlation = request.substr(4, 4);
    Reply reply;
    if (api == versions) {
      constexpr std::int16_t unsupported = 35;
      reply.number(version == 0 ? std::int16_t{0} : unsupported).number(std::int32_t{3});
      for (const auto& [known, newest] : {std::pair{metadata, 1}, {versions, 0}, {create_topics, 4}})
        reply.number(std::int16_t{known}).number(std::int16_t{0}).number(static_cast<std::int16_t>(newest));
    } else if (api == metadata) {
      reply.number(std::int32_t{1}).number(std::int32_t{1}).text("127.0.0.1").number(std::int32_t{port_});
      reply.number(std::int16_t{-1}).number(next_controller()).number(std::int32_t{0});  // no rack, controller, topics
    } else {
      // Header, the client's name, one topic: its name.
      const auto client_name = static_cast<std::size_t>(short_at(request, 8));
      const auto at = 10 + client_name + 4;
      const auto name = request.substr(at + 2, static_cast<std::size_t>(short_at(request, at)));
      constexpr std::int32_t throttle = 0;
      const auto refusal = next_refusal();
      if (refusal == kSilence) return {};
      reply.number(throttle).number(std::int32_t{1}).text(name).number(refusal).number(std::int16_t{-1});
    }
    return correlation + reply.bytes();
  }

  std::int32_t next_controller() {
    const std::lock_guard lock{mutex_};
    return without_controller_-- > 0 ? -1 : 1;
  }

  std::int16_t next_refusal() {
    const std::lock_guard lock{mutex_};
    ++attempts_;
    const auto next = refusals_.front();
    if (refusals_.size() > 1) refusals_.pop_front();
    return next;
  }

  UniqueFd listening_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::deque<std::int16_t> refusals_;
  int without_controller_ = 0;
  int attempts_ = 0;
  // The acceptor's alone until it has ended.
  std::vector<UniqueFd> clients_;
  std::vector<std::thread> servers_;
  std::thread acceptor_;
};

// Where it is stopped it says so long before its patience is over.
void expect_stopped(std::int16_t refusal) {
  PlayedBroker broker{{refusal}};
  auto admin = Admin::connect(broker.connection(Milliseconds{20'000}));
  ASSERT_TRUE(admin) << admin.error().message;
  StopFlag stop;
  const std::jthread stopping{[&] {
    std::this_thread::sleep_for(Milliseconds{300});
    stop.request();
  }};
  const auto began = steady_clock::now();
  const auto made = admin->create_topic({.name = "ticks", .partitions = 4, .configs = {}}, &stop);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::interrupted) << made.error().message;
  EXPECT_THAT(made.error().message, HasSubstr("topic ticks"));
  EXPECT_LT(steady_clock::now() - began, Milliseconds{3'000});
}

Result<void> make_at(PlayedBroker& broker, Milliseconds patience, std::int32_t replication = -1,
                     std::vector<std::string>* notices = nullptr) {
  auto connection = broker.connection(patience);
  if (notices != nullptr) connection.on_notice = [=](const std::string& notice) { notices->push_back(notice); };
  STACK_TRY_ASSIGN(admin, Admin::connect(connection));
  return admin.create_topic({.name = "ticks", .partitions = 4, .replication = replication, .configs = {}});
}

TEST(TopicMaking, WhatPassesIsTriedAgain) {
  PlayedBroker broker{{RD_KAFKA_RESP_ERR_NOT_CONTROLLER, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
                       RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED, RD_KAFKA_RESP_ERR_NO_ERROR}};
  std::vector<std::string> notices;
  const auto made = make_at(broker, Milliseconds{10'000}, -1, &notices);
  EXPECT_TRUE(made) << made.error().message;
  EXPECT_EQ(broker.attempts(), 4);
  EXPECT_THAT(notices, testing::Contains(AllOf(HasSubstr("topic ticks"), HasSubstr("trying again for 10 s"))).Times(1));
}

// Which of librdkafka's questions meets that moment decides whether it ever asks for the controller again.
TEST(TopicMaking, AControllerThatIsNotKnownForAMomentIsAskedForAgain) {
  for (const int times : {1, 2, 3, 4}) {
    PlayedBroker broker{{RD_KAFKA_RESP_ERR_NO_ERROR}, times};
    const auto began = steady_clock::now();
    const auto made = make_at(broker, Milliseconds{20'000});
    EXPECT_TRUE(made) << times << ": " << made.error().message;
    EXPECT_LT(steady_clock::now() - began, Milliseconds{8'000}) << times;
  }
}

TEST(TopicMaking, AnAttemptThatWasRefusedMayHaveMadeIt) {
  PlayedBroker broker{{RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS}};
  const auto made = make_at(broker, Milliseconds{10'000});
  EXPECT_TRUE(made) << made.error().message;
  EXPECT_EQ(broker.attempts(), 2);
}

TEST(TopicMaking, WhatDoesNotPassInTimeIsNoErrorOfTheUsers) {
  PlayedBroker broker{{RD_KAFKA_RESP_ERR_NOT_CONTROLLER}};
  const auto began = steady_clock::now();
  const auto made = make_at(broker, Milliseconds{1'000});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::unreachable);
  EXPECT_THAT(made.error().message, AllOf(HasSubstr("topic ticks"), HasSubstr("127.0.0.1:"), HasSubstr("controller"),
                                          HasSubstr("may pass"), HasSubstr("--connect-timeout")));
  EXPECT_GE(broker.attempts(), 3);
  EXPECT_LT(steady_clock::now() - began, Milliseconds{5'000});
}

TEST(TopicMaking, EndsWhenItIsStopped) {
  expect_stopped(RD_KAFKA_RESP_ERR_NOT_CONTROLLER);
  expect_stopped(kSilence);
}

TEST(TopicMaking, WhatNeverPassesIsSaidAtOnce) {
  for (const auto& [refusal, kind] : {std::pair{RD_KAFKA_RESP_ERR_POLICY_VIOLATION, ErrorKind::usage},
                                      {RD_KAFKA_RESP_ERR_INVALID_CONFIG, ErrorKind::usage},
                                      {RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS, ErrorKind::conflict},
                                      {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, ErrorKind::access}}) {
    PlayedBroker broker{{static_cast<std::int16_t>(refusal)}};
    const auto made = make_at(broker, Milliseconds{10'000});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, kind) << made.error().message;
    EXPECT_EQ(broker.attempts(), 1);
  }
}

// Of a cluster that starts not all brokers are there; but replicas that somebody asks for may be more than it has.
TEST(TopicMaking, TheClustersOwnReplicasAreWaitedFor) {
  PlayedBroker starting{{RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR, RD_KAFKA_RESP_ERR_NO_ERROR}};
  EXPECT_TRUE(make_at(starting, Milliseconds{10'000}));
  EXPECT_EQ(starting.attempts(), 2);
  PlayedBroker small{{RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR}};
  const auto made = make_at(small, Milliseconds{10'000}, 3);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::usage);
  EXPECT_EQ(small.attempts(), 1);
}

TEST(PassingRefusal, ServersThatAreNotReadyPassAndWrongRequestsDoNot) {
  for (const auto code : {RD_KAFKA_RESP_ERR_UNKNOWN, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
                          RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE})
    EXPECT_TRUE(may_pass(code)) << rd_kafka_err2name(code);
  for (const auto code :
       {RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_INVALID_PARTITIONS, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION,
        RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION})
    EXPECT_FALSE(may_pass(code)) << rd_kafka_err2name(code);
}

}  // namespace
}  // namespace stack::kafka
