// Which model a mode names.
#include <fmt/format.h>

#include "model/bar_model.hpp"
#include "model/fhs.hpp"

namespace stack::model {

Result<std::unique_ptr<BarModel>> fit_model(const Panel& panel, const ModelOptions& options) {
  switch (options.mode) {
    case market::Mode::fhs:
      return fit_fhs(panel, options);
    default:
      return fail(ErrorKind::usage, fmt::format("--mode {}: not there yet; {} symbols were read",
                                                market::mode_name(options.mode), panel.series.size()));
  }
}

}  // namespace stack::model
