// SIGUSR1 pauses a feed, and again lets it go on.
// Thread-safety: one at a time, made and destroyed by one thread. Never fails.
#pragma once

#include <csignal>

#include "publish/pace_control.hpp"

namespace stack::app {

class PauseSignal {
 public:
  // CONTROL outlives this.
  explicit PauseSignal(publish::PaceControl& control);
  ~PauseSignal();
  PauseSignal(const PauseSignal&) = delete;
  PauseSignal& operator=(const PauseSignal&) = delete;

 private:
  struct sigaction before_ {};
};

}  // namespace stack::app
