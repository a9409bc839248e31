// What every Catalog must do. An implementation runs it by INSTANTIATE_TEST_SUITE_P with a CatalogFactory.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "catalog/catalog.hpp"

namespace stack::catalog {

// An empty catalog that lives as long as the pointer.
struct CatalogFactory {
  std::string name;
  std::function<std::shared_ptr<Catalog>()> make;
};

class CatalogContract : public testing::TestWithParam<CatalogFactory> {
 protected:
  void SetUp() override { catalog_ = GetParam().make(); }
  std::shared_ptr<Catalog> catalog_;
};

// A table that has something of everything.
[[nodiscard]] Table full_table(std::string name);

}  // namespace stack::catalog
