#include "aws/xml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stack::aws {
namespace {

using testing::ElementsAre;

TEST(Xml, FindsElements) {
  EXPECT_EQ(xml_element("<A><B>1</B><C/><B>2</B></A>", "B"), "1");
  EXPECT_EQ(xml_element("<A><B>1</B></A>", "D"), "");
  EXPECT_EQ(xml_element("<A><B>1", "B"), "");
  EXPECT_THAT(xml_elements("<A><B>1</B><C/><B>2</B></A>", "B"), ElementsAre("1", "2"));
}

TEST(Xml, ReadsWhatIsEscaped) {
  EXPECT_EQ(xml_text("a&amp;&lt;b&gt;&quot;&apos;&#43;&#x2B;&#228;"), "a&<b>\"'++\xc3\xa4");
  EXPECT_EQ(xml_text("&amp;lt;"), "&lt;");
  EXPECT_EQ(xml_text("a & b &unknown; &#xZZ; &"), "a & b &unknown; &#xZZ; &");
}

}  // namespace
}  // namespace stack::aws
