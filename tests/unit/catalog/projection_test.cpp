#include "catalog/projection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stack::catalog {
namespace {

using testing::Contains;
using testing::Pair;

constexpr Date kToday{std::chrono::year{2026} / 11 / 30};

Table table_of(const std::vector<std::string>& paths) {
  Table table;
  table.name = "ticks";
  table.location = "s3://lake/it/ticks";
  table.partition_keys = {"dt"};
  for (const std::string& path : paths) table.partitions.push_back({{path.substr(path.find('=') + 1)}, path, 1, 1, 1});
  return table;
}

std::map<std::string, std::string> projected(const std::vector<std::string>& paths) {
  Table table = table_of(paths);
  project(table, std::nullopt, Projection::on, kToday);
  return table.parameters;
}

TEST(Projection, SaysDaysMonthsAndYears) {
  const auto days = projected({"dt=1965-01-05", "dt=2021-06-03"});
  EXPECT_THAT(days, Contains(Pair("projection.enabled", "true")));
  EXPECT_THAT(days, Contains(Pair("projection.dt.type", "date")));
  EXPECT_THAT(days, Contains(Pair("projection.dt.format", "yyyy-MM-dd")));
  EXPECT_THAT(days, Contains(Pair("projection.dt.range", "1965-01-05,NOW")));
  EXPECT_FALSE(days.contains("projection.dt.interval.unit"));
  EXPECT_THAT(days, Contains(Pair("storage.location.template", "s3://lake/it/ticks/dt=${dt}/")));
  const auto months = projected({"DT=2021-05", "DT=2021-04"});
  EXPECT_THAT(months, Contains(Pair("projection.dt.range", "2021-04,NOW")));
  EXPECT_THAT(months, Contains(Pair("projection.dt.format", "yyyy-MM")));
  EXPECT_FALSE(months.contains("projection.dt.interval.unit"));
  EXPECT_THAT(months, Contains(Pair("storage.location.template", "s3://lake/it/ticks/DT=${dt}/")));
  const auto years = projected({"dt=2021", "dt=2019"});
  EXPECT_THAT(years, Contains(Pair("projection.dt.type", "integer")));
  EXPECT_THAT(years, Contains(Pair("projection.dt.range", "2019,2026")));
  EXPECT_THAT(projected({"dt=2030"}), Contains(Pair("projection.dt.range", "2030,2030")));
}

TEST(Projection, GoesAsFarAsDataThatAreAheadOfToday) {
  EXPECT_THAT(projected({"dt=2026-11-30"}), Contains(Pair("projection.dt.range", "2026-11-30,NOW")));
  EXPECT_THAT(projected({"dt=2026-11-30", "dt=2027-02-01"}),
              Contains(Pair("projection.dt.range", "2026-11-30,2027-02-01")));
}

TEST(Projection, LeavesOutWhatItCannotSay) {
  for (const auto& paths : std::vector<std::vector<std::string>>{
           {"dt=2021-05", "dt=2021-05-28"}, {"dt=2021-05", "x/dt=2021-06"}, {"dt=2021-02-30"}, {"dt=today"}, {}}) {
    EXPECT_TRUE(projected(paths).empty());
    EXPECT_FALSE(can_be_projected(table_of(paths)));
  }
}

TEST(Projection, StaysUntilItIsTakenBack) {
  Table before = table_of({"dt=2021-05"});
  Table now = table_of({"dt=2020-01", "dt=2021-05"});
  project(now, before, Projection::as_it_was, kToday);
  EXPECT_FALSE(is_projected(now));
  project(before, std::nullopt, Projection::on, kToday);
  project(now, before, Projection::as_it_was, kToday);
  EXPECT_THAT(now.parameters, Contains(Pair("projection.dt.range", "2020-01,NOW")));
  Table off = table_of({"dt=2021-05"});
  project(off, before, Projection::off, kToday);
  EXPECT_FALSE(is_projected(off));
}

}  // namespace
}  // namespace stack::catalog
