#include "http/address.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace stack::http {
namespace {

TEST(Address, HasLoopbackAsItsHostUnlessOneIsNamed) {
  EXPECT_EQ(*parse_address("9464"), (Address{"127.0.0.1", 9464}));
  EXPECT_EQ(*parse_address(":0"), (Address{"127.0.0.1", 0}));
  EXPECT_EQ(*parse_address("0.0.0.0:80"), (Address{"0.0.0.0", 80}));
  EXPECT_EQ(*parse_address("[::1]:65535"), (Address{"::1", 65535}));
  EXPECT_EQ(*parse_address("localhost:1"), (Address{"localhost", 1}));
}

TEST(Address, RefusesWhatIsNone) {
  for (const char* text : {"", ":", "host", "host:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", "1:2:3", "::1",
                           "[::1]", "[]:1", "[host]:1", "a b:1", "http://x:1", "x:1/", " :1", "127.0.0.1:1 "}) {
    const auto address = parse_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().kind, ErrorKind::usage);
    EXPECT_NE(address.error().message.find(text), std::string::npos);
  }
}

RC_GTEST_PROP(Address, IsReadBackFromItsText, (std::uint16_t port)) {
  const auto host = *rc::gen::element<std::string>("127.0.0.1", "::1", "fe80::1%eth0", "a-b.example");
  const Address address{host, port};
  RC_ASSERT(*parse_address(address.text()) == address);
}

RC_GTEST_PROP(Address, OfAnyTextIsOneOrAnError, (const std::string& text)) { (void)parse_address(text); }

}  // namespace
}  // namespace stack::http
