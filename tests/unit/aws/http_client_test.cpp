#include "aws/http_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "canned_server.hpp"

namespace stack::aws {
namespace {

using std::chrono::steady_clock;
using testing::HasSubstr;
using testing::Not;
using testing_support::CannedServer;

Deadline in(int milliseconds) { return steady_clock::now() + std::chrono::milliseconds{milliseconds}; }

TEST(HttpClient, SendsWhatItIsGivenAndReturnsWhatComes) {
  CannedServer server{[](const std::string&) { return CannedServer::ok("{\"a\":1}", "404 Not Found"); }};
  const auto answer = http_call(
      {.method = "POST", .url = server.url() + "/p?q=1", .headers = {{"X-One", "1"}}, .body = "text"}, in(5'000));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 404);
  EXPECT_EQ(answer->body, "{\"a\":1}");
  const auto request = server.requests().at(0);
  EXPECT_TRUE(request.starts_with("POST /p?q=1 HTTP/1.1\r\n")) << request;
  EXPECT_THAT(request, HasSubstr("Host: 127.0.0.1:"));
  EXPECT_THAT(request, HasSubstr("X-One: 1\r\n"));
  EXPECT_TRUE(request.ends_with("\r\n\r\ntext")) << request;
}

TEST(HttpClient, GivesUpAtTheDeadline) {
  CannedServer server{[](const std::string&) { return std::string{}; }};
  const auto began = steady_clock::now();
  const auto answer = http_call({.url = server.url() + "/?token=hidden"}, in(300));
  const auto took = steady_clock::now() - began;
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unreachable);
  EXPECT_THAT(answer.error().message, HasSubstr("does not answer within 0.3 s"));
  EXPECT_THAT(answer.error().message, Not(HasSubstr("hidden")));
  EXPECT_LT(took, std::chrono::seconds{2});
}

TEST(HttpClient, NamesTheHostThatRefuses) {
  std::string gone;
  {
    CannedServer server{[](const std::string&) { return std::string{}; }};
    gone = server.url();
  }
  const auto answer = http_call({.url = gone}, in(5'000));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unreachable);
  EXPECT_THAT(answer.error().message, HasSubstr(gone.substr(7)));
}

TEST(HttpClient, TakesGarbageForNoAnswer) {
  CannedServer server{[](const std::string&) { return std::string{"SSH-2.0-x\r\n\r\n"}; }};
  const auto answer = http_call({.url = server.url()}, in(3'000));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unreachable);
}

TEST(HttpClient, RefusesWhatIsNoUrl) {
  for (const char* url : {"", "ftp://a", "http://", "127.0.0.1", "https:///path"}) {
    const auto answer = http_call({.url = url}, in(1'000));
    ASSERT_FALSE(answer) << url;
    EXPECT_EQ(answer.error().kind, ErrorKind::usage) << url;
  }
}

TEST(HttpClient, ServesManyThreadsAtOnce) {
  CannedServer server{[](const std::string&) { return CannedServer::ok("yes"); }};
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n) {
        const auto answer = http_call({.url = server.url()}, in(10'000));
        right += answer && answer->body == "yes" ? 1 : 0;
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right.load(), 160);
}

}  // namespace
}  // namespace stack::aws
