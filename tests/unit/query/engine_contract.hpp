// What every QueryEngine must do. An implementation runs it by INSTANTIATE_TEST_SUITE_P with an EngineFactory.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "query/engine.hpp"

namespace stack::query {

// The one file of the table `quotes`, of database `stack`, in its partition dt=2021-05.
inline constexpr std::string_view kContractKey = "quotes/dt=2021-05/0.ndjson";
inline constexpr std::string_view kContractRows =
    "{\"name\":\"a\",\"price\":1.5,\"count\":1,\"seen\":\"2021-05-28 01:30:00.5\",\"day\":\"2021-05-28\",\"ok\":true}\n"
    "{\"name\":\"b\",\"price\":null,\"count\":2,\"seen\":null,\"day\":null,\"ok\":null}\n";

// An engine over a lake of kContractRows, that lives as long as the pointer.
struct EngineFactory {
  std::string name;
  std::function<std::shared_ptr<QueryEngine>()> make;
};

class QueryEngineContract : public testing::TestWithParam<EngineFactory> {
 protected:
  void SetUp() override { engine_ = GetParam().make(); }
  // All rows; NULL as "NULL".
  [[nodiscard]] std::vector<std::vector<std::string>> rows(std::string_view sql);

  std::shared_ptr<QueryEngine> engine_;
};

}  // namespace stack::query
