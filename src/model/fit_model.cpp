// Which model a mode names.
#include <fmt/format.h>

#include "model/bar_model.hpp"
#include "model/bootstrap.hpp"
#include "model/fhs.hpp"
#include "model/gbm.hpp"
#include "model/heston.hpp"
#include "model/jump.hpp"

namespace stack::model {

Result<std::unique_ptr<BarModel>> fit_model(const Panel& panel, const ModelOptions& options) {
  switch (options.mode) {
    case market::Mode::fhs:
      return fit_fhs(panel, options);
    case market::Mode::bootstrap:
      return make_bootstrap(panel, options);
    case market::Mode::gbm:
      return make_gbm(panel, options);
    case market::Mode::heston:
      return make_heston(panel, options);
    case market::Mode::jump:
      return make_jump(panel, options);
    case market::Mode::replay:
    case market::Mode::sample:
      break;
  }
  return fail(ErrorKind::internal, fmt::format("--mode {} has no model", market::mode_name(options.mode)));
}

}  // namespace stack::model
