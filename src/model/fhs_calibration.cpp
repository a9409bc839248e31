#include "model/fhs_calibration.hpp"

namespace stack::model {

void calibrate(const Panel& panel, const FhsHistory& history, Dependence target, FhsParameters& parameters) {
  static_cast<void>(panel), static_cast<void>(history), static_cast<void>(target), static_cast<void>(parameters);
}

}  // namespace stack::model
