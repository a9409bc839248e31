#include "app/pause_signal.hpp"

#include <atomic>

namespace stack::app {
namespace {

std::atomic<publish::PaceControl*> steered{nullptr};
static_assert(std::atomic<publish::PaceControl*>::is_always_lock_free, "read by a signal handler");

extern "C" void on_pause_signal(int /*signal*/) {
  if (auto* control = steered.load()) control->toggle_pause();
}

}  // namespace

PauseSignal::PauseSignal(publish::PaceControl& control) {
  steered = &control;
  struct sigaction action {};
  action.sa_handler = on_pause_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGUSR1, &action, &before_);
}

PauseSignal::~PauseSignal() {
  ::sigaction(SIGUSR1, &before_, nullptr);
  steered = nullptr;
}

}  // namespace stack::app
