// Live progress on standard error: one line that is redrawn on a terminal, a plain line now and then off one, nothing
// with --no-progress or --quiet. Everything that is said to the user besides results goes through here, so that it
// never lands in the middle of the live line.
// Thread-safety: all members may be called from any thread. Never fails.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "app/settings.hpp"

namespace stack::app {

class Progress {
 public:
  explicit Progress(const Settings& settings);
  ~Progress() { stop(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void say(std::string_view line);     // unless --quiet
  void detail(std::string_view line);  // with --verbose only
  void warn(std::string_view line);    // unless --quiet, "warning: " before it

  // Shows LINE(), asked for five times a second, until stop().
  void start(std::function<std::string()> line);
  void stop();

  [[nodiscard]] bool terminal() const { return terminal_; }

 private:
  void draw(const std::string& line);
  void erase();

  bool quiet_;
  bool verbose_;
  bool shown_;     // live progress wanted
  bool terminal_;  // standard error is one
  std::mutex mutex_;
  bool drawn_ = false;
  std::jthread thread_;
};

// 12345678 as "12,345,678", 1.5e9 bytes as "1.5 GB".
[[nodiscard]] std::string with_commas(std::uint64_t number);
[[nodiscard]] std::string human_count(std::uint64_t number);  // exact below ten million
[[nodiscard]] std::string human_bytes(double bytes);
// Events a second, short: "1.25 M/s".
[[nodiscard]] std::string human_rate(double per_second);

}  // namespace stack::app
