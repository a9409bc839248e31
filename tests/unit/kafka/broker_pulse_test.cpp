// How long no broker has answered, by librdkafka's statistics.
#include "kafka/broker_pulse.hpp"

#include <gtest/gtest.h>

#include <string>

namespace stack::kafka {
namespace {

class Pulse : public testing::Test {
 protected:
  void see(int answers, Milliseconds later) {
    now_ += later;
    const std::string text = std::string{R"({"brokers":{"b1":{"state":")"} + state_ +
                             R"(","rx":7,"rxbytes":3}},"topics":{"rx":{}},"tx":9,"rx":)";
    pulse_.see(text + std::to_string(answers) + R"(,"rx_bytes":8})", now_);
  }

  std::string state_ = "UP";
  BrokerPulse pulse_;
  BrokerPulse::Instant now_{std::chrono::hours{1}};
};

TEST_F(Pulse, GrowsWhileTheSumOfAnswersStands) {
  see(5, Milliseconds{500});
  EXPECT_EQ(pulse_.silence(), Milliseconds{0});
  see(5, Milliseconds{500});
  see(5, Milliseconds{700});
  EXPECT_EQ(pulse_.silence(), Milliseconds{1'200});
  see(6, Milliseconds{500});
  EXPECT_EQ(pulse_.silence(), Milliseconds{0});
}

TEST_F(Pulse, NoAnswerSinceTheStartIsSilenceToo) {
  for (int i = 0; i < 5; ++i) see(0, Milliseconds{500});
  EXPECT_EQ(pulse_.silence(), Milliseconds{2'000});
}

TEST_F(Pulse, AnswersOfBrokersThatLetNobodyInAreNone) {
  see(5, Milliseconds{500});
  state_ = "AUTH_REQ";
  see(7, Milliseconds{500});
  see(9, Milliseconds{500});
  EXPECT_EQ(pulse_.silence(), Milliseconds{1'000});
  state_ = "UP";
  see(9, Milliseconds{500});
  EXPECT_EQ(pulse_.silence(), Milliseconds{1'500});
  see(10, Milliseconds{500});
  EXPECT_EQ(pulse_.silence(), Milliseconds{0});
}

TEST_F(Pulse, AProcessThatWasStoppedBlamesNoBroker) {
  see(5, Milliseconds{500});
  see(5, std::chrono::hours{3});
  EXPECT_LT(pulse_.silence(), Milliseconds{3'000});
}

TEST_F(Pulse, TextWithoutACountIsNoAnswer) {
  pulse_.see("{}", now_);
  pulse_.see("", now_ + Milliseconds{500});
  EXPECT_EQ(pulse_.silence(), Milliseconds{500});
}

}  // namespace
}  // namespace stack::kafka
