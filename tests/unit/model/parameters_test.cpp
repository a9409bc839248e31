#include "model/parameters.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "histories.hpp"

namespace stack::model {
namespace {

using market::Mode;

std::string error_of(Mode mode, const ModelParameter& parameter) {
  const std::vector<ModelParameter> parameters = {parameter};
  const auto checked = check_parameters(mode, parameters);
  if (checked) return {};
  EXPECT_EQ(checked.error().kind, ErrorKind::usage);
  return checked.error().message;
}

TEST(Parameters, ThatCannotBeAreErrorsThatNameThem) {
  EXPECT_THAT(error_of(Mode::gbm, {"", "volatility", 0.0}), testing::HasSubstr("--parameter volatility=0: "));
  EXPECT_THAT(error_of(Mode::gbm, {"A.B", "volatility", -1.0}), testing::HasSubstr("--parameter A.B.volatility=-1: "));
  for (const auto* name : {"kappa", "theta", "xi"}) EXPECT_NE(error_of(Mode::heston, {"", name, 0.0}), "") << name;
  EXPECT_NE(error_of(Mode::heston, {"", "rho", -1.01}), "");
  EXPECT_NE(error_of(Mode::heston, {"", "rho", 1.01}), "");
  EXPECT_NE(error_of(Mode::heston, {"", "v0", -0.01}), "");
  EXPECT_NE(error_of(Mode::jump, {"", "intensity", -1.0}), "");
  EXPECT_NE(error_of(Mode::jump, {"", "jump_deviation", 0.0}), "");
  EXPECT_NE(error_of(Mode::jump, {"", "volatility", 0.0}), "");
  EXPECT_NE(error_of(Mode::gbm, {"", "drift", std::numeric_limits<double>::quiet_NaN()}), "");
}

TEST(Parameters, AtTheirEdgesAreTaken) {
  EXPECT_EQ(error_of(Mode::heston, {"", "rho", -1.0}), "");
  EXPECT_EQ(error_of(Mode::heston, {"", "v0", 0.0}), "");
  EXPECT_EQ(error_of(Mode::jump, {"", "intensity", 0.0}), "");
  EXPECT_EQ(error_of(Mode::gbm, {"", "drift", -0.5}), "");
}

TEST(Parameters, OfOtherModesAreErrors) {
  EXPECT_THAT(error_of(Mode::gbm, {"", "kappa", 1.0}), testing::HasSubstr("--mode gbm has no parameter kappa"));
  EXPECT_TRUE(parameters_of(Mode::bootstrap).empty());
}

TEST(Parameters, OfASymbolGoBeforeThoseOfAll) {
  const std::vector<ModelParameter> parameters = {
      {"A", "drift", 1.0}, {"", "drift", 2.0}, {"", "drift", 3.0}, {"B", "volatility", 4.0}};
  EXPECT_EQ(given_parameter(parameters, "A", "drift"), 1.0);
  EXPECT_EQ(given_parameter(parameters, "B", "drift"), 3.0);
  EXPECT_EQ(given_parameter(parameters, "A", "volatility"), std::nullopt);
}

TEST(Parameters, ThatCannotBeStopTheFit) {
  const auto panel = test::panel_of(test::made_up_history());
  for (const Mode mode : {Mode::gbm, Mode::heston, Mode::jump}) {
    ModelOptions options;
    options.mode = mode;
    options.parameters = {{"", "drift", 1e9}};
    const auto model = fit_model(panel, options);
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().kind, ErrorKind::usage);
  }
}

}  // namespace
}  // namespace stack::model
