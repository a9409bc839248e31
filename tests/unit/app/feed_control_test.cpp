#include "app/feed_control.hpp"

#include <gtest/gtest.h>

#include "market/dataset.hpp"

namespace stack::app {
namespace {

std::shared_ptr<const market::FeedPlan> small_plan(market::Mode mode = market::Mode::replay) {
  auto dataset = market::Dataset::parse("one.csv",
                                        "Index,Date,Open,High,Low,Close,Volume\n"
                                        "N225,2021-03-01,100.0,110.0,90.0,105.0,1000\n");
  EXPECT_TRUE(dataset) << dataset.error().message;
  market::FeedOptions options;
  options.mode = mode;
  auto plan = market::FeedPlan::make(*dataset, options);
  EXPECT_TRUE(plan) << plan.error().message;
  return *plan;
}

class FeedControlTest : public testing::Test {
 protected:
  http::Response ask(const char* method, const char* target, const char* body = "", const char* host = "127.0.0.1:1") {
    return remote_.answer({.method = method, .target = target, .body = body, .host = host});
  }

  std::shared_ptr<const market::FeedPlan> plan_ = small_plan();
  publish::FeedProgress counts_;
  publish::PaceControl control_;
  StopFlag stop_;
  FeedControl remote_{*plan_, counts_, control_, stop_};
};

TEST_F(FeedControlTest, ChangesWhatItIsAskedTo) {
  EXPECT_EQ(ask("POST", "/pause").status, 200);
  EXPECT_TRUE(control_.paused());
  EXPECT_EQ(ask("POST", "/resume").status, 200);
  EXPECT_FALSE(control_.paused());
  for (const auto& [target, body, tempo] : std::vector<std::tuple<const char*, const char*, publish::Tempo>>{
           {"/speed?x=60", "", {.rate = {}, .speed = 60}},
           {"/speed?x=0.5x", "", {.rate = {}, .speed = 0.5}},
           {"/speed?x=max", "", {}},
           {"/rate?x=0.25", "", {.rate = 0.25, .speed = {}}},
           {"/speed", R"({"speed":"90x"})", {.rate = {}, .speed = 90}},
           {"/speed", R"({"speed":90})", {.rate = {}, .speed = 90}},
           {"/speed", R"({"rate":5000})", {.rate = 5000, .speed = {}}}}) {
    const auto changes = control_.changes();
    EXPECT_EQ(ask("POST", target, body).status, 200) << target << body;
    EXPECT_EQ(control_.changes(), changes + 1);
    EXPECT_EQ(control_.tempo(), tempo) << target << body;
  }
  EXPECT_EQ(ask("POST", "/stop").status, 200);
  EXPECT_TRUE(stop_.requested());
}

TEST_F(FeedControlTest, ChangesNothingForWhatItCannotBe) {
  for (const auto& [method, target, body, status] : std::vector<std::tuple<const char*, const char*, const char*, int>>{
           {"GET", "/pause", "", 405},
           {"GET", "/stop", "", 405},
           {"PUT", "/speed?x=60", "", 405},
           {"POST", "/status", "", 405},
           {"GET", "/", "", 404},
           {"POST", "/faster", "", 404},
           {"POST", "/speed", "", 400},
           {"POST", "/speed?x=", "", 400},
           {"POST", "/speed?x=0", "", 400},
           {"POST", "/speed?x=-60", "", 400},
           {"POST", "/speed?x=nan", "", 400},
           {"POST", "/speed?x=inf", "", 400},
           {"POST", "/speed?y=60", "", 400},
           {"POST", "/rate?x=max", "", 400},
           {"POST", "/speed", R"({"speed":"60x")", 400},
           {"POST", "/speed", R"({"speed":"60x","rate":5})", 400},
           {"POST", "/speed", R"({"speed":null})", 400},
           {"POST", "/speed", R"([60])", 400},
           {"POST", "/speed", R"({"rate":0})", 400}}) {
    const auto response = ask(method, target, body);
    EXPECT_EQ(response.status, status) << method << ' ' << target << ' ' << body;
    EXPECT_TRUE(response.body.starts_with("{\"error\":\"")) << response.body;
  }
  EXPECT_FALSE(control_.paused());
  EXPECT_FALSE(stop_.requested());
  EXPECT_EQ(control_.changes(), 0U);
}

TEST_F(FeedControlTest, IsNotSteeredByPagesWhoseNameLeadsHere) {
  for (const auto* host : {"evil.example", "evil.example:9470", "127.0.0.1.evil.example", "localhost.evil.example"}) {
    EXPECT_EQ(ask("POST", "/stop", "", host).status, 403) << host;
    EXPECT_EQ(ask("GET", "/status", "", host).status, 403) << host;
  }
  EXPECT_FALSE(stop_.requested());
  for (const auto* host : {"", "localhost", "localhost:9470", "127.0.0.1:9470", "[::1]:9470", "10.0.0.7"})
    EXPECT_EQ(ask("GET", "/status", "", host).status, 200) << host;
}

TEST_F(FeedControlTest, RefusesASpeedForRowsWithoutATimeOfDay) {
  const auto rows = small_plan(market::Mode::sample);
  FeedControl remote{*rows, counts_, control_, stop_};
  EXPECT_EQ(remote.answer({.method = "POST", .target = "/speed?x=60", .body = {}, .host = {}}).status, 409);
  EXPECT_EQ(remote.answer({.method = "POST", .target = "/speed?x=max", .body = {}, .host = {}}).status, 200);
  EXPECT_EQ(remote.answer({.method = "POST", .target = "/rate?x=5", .body = {}, .host = {}}).status, 200);
}

TEST_F(FeedControlTest, SaysHowTheFeedFares) {
  control_.change({.rate = 2.5, .speed = {}});
  counts_.state = publish::FeedState::running;
  counts_.resumed_at = 100;
  counts_.reached = 120;
  counts_.committed = 110;
  counts_.behind_us = 1500;
  counts_.due_to_sent.record(std::chrono::microseconds{900}, 20);
  const auto body = ask("GET", "/status").body;
  for (const auto* part :
       {R"("state":"running")", R"("pace":"2.5 events/s")", R"("speed":null)", R"("rate":2.5)", R"("position":120)",
        R"("committed":110)", R"("total":390)", R"("behind_seconds":0.002)", R"("due_to_sent_ms":{"p50":0.959)"})
    EXPECT_NE(body.find(part), std::string::npos) << part << " in " << body;
  control_.pause();
  EXPECT_NE(ask("GET", "/status").body.find(R"("state":"pausing")"), std::string::npos);
  counts_.state = publish::FeedState::paused;
  EXPECT_NE(ask("GET", "/status").body.find(R"("state":"paused")"), std::string::npos);
}

}  // namespace
}  // namespace stack::app
