// The control address of a running feed: what it answers to
//   GET /status
//   POST /pause, /resume, /stop
//   POST /speed?x=60 or with the body {"speed":"60x"} or {"rate":5000}; POST /rate?x=5000
// Each answers with the status, as JSON, after what was asked for; errors are {"error":"..."}. Changes want POST, and a
// request whose Host is a name other than localhost is refused (the listener refuses those with an Origin): a page in a
// browser of this machine, also one whose name was made to lead here, steers nothing.
// Thread-safety: answer() may be called from any thread. Never fails; what a client does wrong it is told.
#pragma once

#include "core/stop_flag.hpp"
#include "http/listener.hpp"
#include "market/feed.hpp"
#include "publish/feed_producer.hpp"
#include "publish/pace_control.hpp"

namespace stack::app {

class FeedControl {
 public:
  // All outlive it.
  FeedControl(const market::FeedPlan& plan, const publish::FeedProgress& counts, publish::PaceControl& control,
              StopFlag& stop)
      : plan_(plan), counts_(counts), control_(control), stop_(stop) {}

  [[nodiscard]] http::Response answer(const http::Request& request);

 private:
  [[nodiscard]] http::Response change(const http::Request& request);
  [[nodiscard]] http::Response status() const;

  const market::FeedPlan& plan_;
  const publish::FeedProgress& counts_;
  publish::PaceControl& control_;
  StopFlag& stop_;
};

}  // namespace stack::app
