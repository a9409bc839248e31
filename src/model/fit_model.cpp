// Which model a mode names.
#include <fmt/format.h>

#include "model/bar_model.hpp"
#include "model/bootstrap.hpp"
#include "model/gbm.hpp"
#include "model/heston.hpp"
#include "model/jump.hpp"

namespace stack::model {

Result<std::unique_ptr<BarModel>> fit_model(const Panel& panel, const ModelOptions& options) {
  switch (options.mode) {
    case market::Mode::bootstrap:
      return make_bootstrap(panel, options);
    case market::Mode::gbm:
      return make_gbm(panel, options);
    case market::Mode::heston:
      return make_heston(panel, options);
    case market::Mode::jump:
      return make_jump(panel, options);
    default:
      return fail(ErrorKind::usage, fmt::format("--mode {}: not there yet; {} symbols were read",
                                                market::mode_name(options.mode), panel.series.size()));
  }
}

}  // namespace stack::model
