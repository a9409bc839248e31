// A producer, a consumer and an idle admin client that log in with short-lived tokens of their own making (unsecured
// JSON Web Tokens, RFC 7515 A.5), for as long as they are told; the source of tokens may fail for a while.
// token_client SERVERS TOPIC SECONDS LIFETIME FAILS_FROM FAILS_UNTIL TIMEOUT prints what became of it as JSON; times in
// seconds.
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <future>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "aws/msk_iam_token.hpp"
#include "kafka/admin.hpp"
#include "kafka/consumer.hpp"
#include "kafka/producer.hpp"

namespace {

using stack::Result;
using std::chrono::steady_clock;

class Tokens {
 public:
  Tokens(double lifetime, double fails_from, double fails_until)
      : lifetime_(lifetime), fails_from_(fails_from), fails_until_(fails_until) {}

  Result<stack::kafka::LoginToken> make() {
    const auto running = std::chrono::duration<double>(steady_clock::now() - began_).count();
    if (running >= fails_from_ && running < fails_until_) {
      ++failed;
      return stack::fail(stack::ErrorKind::unreachable, "the source of tokens is away");
    }
    ++made;
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const auto expires = std::chrono::duration<double>(now.time_since_epoch()).count() + lifetime_;
    const auto claims = fmt::format(R"({{"sub":"feed","iat":{},"exp":{}}})", now.time_since_epoch().count(), expires);
    return stack::kafka::LoginToken{
        .value = stack::aws::base64url(R"({"alg":"none"})") + "." + stack::aws::base64url(claims) + ".",
        .principal = "feed",
        .expires = stack::Micros{std::chrono::microseconds{static_cast<std::int64_t>(expires * 1e6)}}};
  }

  std::atomic<int> made{0};
  std::atomic<int> failed{0};

 private:
  const steady_clock::time_point began_ = steady_clock::now();
  const double lifetime_;
  const double fails_from_;
  const double fails_until_;
};

// One record a transaction, five a second.
Result<int> produce(const stack::kafka::Connection& connection, const std::string& topic,
                    steady_clock::time_point end) {
  STACK_TRY_ASSIGN(producer, stack::kafka::Producer::open(
                                 connection, {.topic = topic, .feed_id = "feed", .transactional_id = topic}, nullptr));
  int sent = 0;
  for (; steady_clock::now() < end; ++sent) {
    const auto text = std::to_string(sent);
    const stack::kafka::Record record{.key = "k", .value = text, .position = static_cast<std::uint64_t>(sent)};
    STACK_TRY(producer->begin());
    STACK_TRY(producer->send(std::span{&record, 1}));
    STACK_TRY(producer->commit());
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
  }
  return sent;
}

Result<std::set<std::string>> consume(const stack::kafka::Connection& connection, const std::string& topic,
                                      const std::atomic<bool>& done) {
  const stack::kafka::PartitionOffset start{0, 0};
  STACK_TRY_ASSIGN(consumer, stack::kafka::Consumer::assign(connection, topic, std::span{&start, 1}, {}));
  std::set<std::string> values;
  for (bool last = false; !last;) {
    last = done;
    STACK_TRY_ASSIGN(batch, consumer->poll(stack::Milliseconds{last ? 3'000 : 200}));
    for (std::size_t i = 0; i < batch.size(); ++i) values.emplace(batch[i].value());
    last = last && batch.empty();
  }
  return values;
}

}  // namespace

int main(int count, char** words) {
  if (count != 8) return 2;
  const auto number = [&](int i) { return std::strtod(words[i], nullptr); };
  const std::string topic = words[2];
  Tokens tokens{number(4), number(5), number(6)};
  std::mutex mutex;
  stack::kafka::Connection connection{
      .bootstrap_servers = words[1],
      .properties = {{"security.protocol", "SASL_PLAINTEXT"}, {"sasl.mechanisms", "OAUTHBEARER"}},
      .connect_timeout = stack::Milliseconds{static_cast<std::int64_t>(number(7) * 1e3)},
      .on_notice =
          [&](const std::string& notice) {
            const std::lock_guard lock{mutex};
            fmt::print(stderr, "{}\n", notice);
          },
      .token_source = [&] { return tokens.make(); }};
  auto admin = stack::kafka::Admin::connect(connection);
  if (!admin) {
    fmt::print(stderr, "{}\n", admin.error().message);
    return static_cast<int>(admin.error().kind);
  }
  if (const auto made = admin->create_topic({.name = topic, .configs = {}}); !made) return 1;
  std::atomic<bool> done{false};
  const auto end = steady_clock::now() +
                   std::chrono::duration_cast<steady_clock::duration>(std::chrono::duration<double>(number(3)));
  auto reading = std::async(std::launch::async, [&] { return consume(connection, topic, done); });
  const auto sent = produce(connection, topic, end);
  done = true;
  const auto read = reading.get();
  const auto cluster = admin->existing_topic(topic);  // untouched since the beginning
  const auto error_of = [](const auto& result) { return result ? std::string{} : result.error().message; };
  fmt::print(R"({{"sent":{},"read":{},"made":{},"failed":{},"errors":["{}","{}","{}"]}})"
             "\n",
             sent.value_or(-1), read ? static_cast<int>(read->size()) : -1, tokens.made.load(), tokens.failed.load(),
             error_of(sent), error_of(read), error_of(cluster));
  return sent && read && cluster ? 0 : 1;
}
