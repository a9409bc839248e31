#include "market/selection.hpp"

#include <gmock/gmock.h>

#include "bars.hpp"

namespace stack::market {
namespace {

using test::dataset_of;
using test::kHeader;
using testing::HasSubstr;

const std::string kThree = std::string(kHeader) +
                           "HSI,2021-01-04,1,1,1,1,0\nHSI,2021-01-05,1,1,1,1,0\nHSI,2021-01-07,1,1,1,1,0\n"
                           "NYA,2021-01-05,1,1,1,1,0\nNYA,2021-01-06,1,1,1,1,0\n"
                           "IXIC,2021-01-04,1,1,1,1,0\n";

TEST(Selection, IsEverythingByDefault) {
  const auto selection = select(dataset_of(kThree), {});
  ASSERT_TRUE(selection.has_value());
  EXPECT_EQ(selection->slices.size(), 3U);
  EXPECT_EQ(selection->bar_count, 6U);
  EXPECT_EQ(format_date(selection->first), "2021-01-04");
  EXPECT_EQ(format_date(selection->last), "2021-01-07");
}

TEST(Selection, TakesSymbolsOnceAndInOrderOfName) {
  const auto selection = select(dataset_of(kThree), {{"NYA", "HSI", "NYA"}, {}, {}, {}});
  ASSERT_TRUE(selection.has_value());
  ASSERT_EQ(selection->slices.size(), 2U);
  EXPECT_EQ(selection->slices[0].series->symbol, "HSI");
}

TEST(Selection, CutsByDates) {
  const auto selection = select(dataset_of(kThree), {{}, parse_date("2021-01-05"), parse_date("2021-01-06"), {}});
  ASSERT_TRUE(selection.has_value());
  EXPECT_EQ(selection->bar_count, 3U);
  EXPECT_EQ(selection->slices.size(), 2U);  // IXIC has none
  const auto last = select(dataset_of(kThree), {{}, {}, {}, 2U});
  ASSERT_TRUE(last.has_value());
  EXPECT_EQ(format_date(last->first), "2021-01-06");
  EXPECT_EQ(last->bar_count, 2U);
}

TEST(Selection, NamesKnownSymbolsNearestFirst) {
  const auto selection = select(dataset_of(kThree), {{"nya"}, {}, {}, {}});
  ASSERT_FALSE(selection.has_value());
  EXPECT_EQ(selection.error().kind, ErrorKind::usage);
  EXPECT_THAT(selection.error().message, HasSubstr("'nya' is not in test.csv; it has NYA, "));
}

TEST(Selection, ThatHoldsNothingIsAnError) {
  const auto selection = select(dataset_of(kThree), {{}, parse_date("2022-01-01"), {}, {}});
  ASSERT_FALSE(selection.has_value());
  EXPECT_THAT(selection.error().message, HasSubstr("the data go from 2021-01-04 to 2021-01-07"));
  const auto backwards = select(dataset_of(kThree), {{}, parse_date("2021-01-06"), parse_date("2021-01-05"), {}});
  ASSERT_FALSE(backwards.has_value());
  EXPECT_THAT(backwards.error().message, HasSubstr("--to 2021-01-05 is before --from 2021-01-06"));
}

TEST(Selection, HashesWhatIsSelectedAndNothingElse) {
  const auto hash = [](const std::string& csv, const SelectionRequest& request) {
    return content_hash(*select(dataset_of(csv), request));
  };
  const SelectionRequest hsi{{"HSI"}, {}, {}, {}};
  EXPECT_EQ(hash(kThree, hsi), hash(kThree + "ZZ,2021-01-04,5,5,5,5,5\n", hsi));
  EXPECT_EQ(hash(kThree, hsi),
            hash("Date,Symbol,Open,High,Low,Close,Volume\n"
                 "2021-01-04,HSI,1.0,1,1,1,0\n2021-01-05,HSI,1,1,1,1,0.0\n2021-01-07,HSI,1,1,1,1,0\n",
                 hsi));
  EXPECT_NE(hash(kThree, hsi), hash(kThree, {{"NYA"}, {}, {}, {}}));
  EXPECT_NE(hash(kThree, hsi), hash(kThree, {{"HSI"}, parse_date("2021-01-05"), {}, {}}));
}

}  // namespace
}  // namespace stack::market
