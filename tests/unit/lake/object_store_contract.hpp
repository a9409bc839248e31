// What every ObjectStore must do. An implementation runs it by INSTANTIATE_TEST_SUITE_P with a StoreFactory.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "lake/object_store.hpp"

namespace stack::lake {

// An empty store that lives as long as the pointer.
struct StoreFactory {
  std::string name;
  std::function<std::shared_ptr<ObjectStore>()> make;
};

class ObjectStoreContract : public testing::TestWithParam<StoreFactory> {
 protected:
  void SetUp() override { store_ = GetParam().make(); }
  [[nodiscard]] std::vector<std::string> keys(std::string_view prefix, std::string_view after = {}) const {
    const auto objects = store_->list(prefix, after).value();
    std::vector<std::string> found;
    found.reserve(objects.size());
    for (const auto& object : objects) found.push_back(object.key);
    return found;
  }
  std::shared_ptr<ObjectStore> store_;
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ObjectStoreContract);

inline std::string store_name(const testing::TestParamInfo<StoreFactory>& info) { return info.param.name; }

}  // namespace stack::lake
