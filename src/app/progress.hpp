// Live progress on standard error: one line that is redrawn on a terminal, a plain line now and then off one, nothing
// with --no-progress or --quiet. With --log-format json each of them is a record of its own (log_record.hpp), the live
// line one now and then. Everything that is said to the user besides results goes through here, so that it
// never lands in the middle of the live line.
// Thread-safety: all members may be called from any thread. Never fails.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "app/settings.hpp"

namespace stack::app {

class Progress {
 public:
  explicit Progress(const Settings& settings);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void say(std::string_view line);     // unless --quiet
  void detail(std::string_view line);  // with --verbose only
  void warn(std::string_view line);    // unless --quiet, "warning: " before it

  // A field that every record has from here on, such as the topic; does nothing to text.
  void about(std::string_view field, std::string_view value);

  using Figures = std::vector<std::pair<std::string_view, std::uint64_t>>;
  // Shows LINE(), asked for five times a second, until stop(). FIGURES(): the same as a record's fields.
  void start(std::function<std::string()> line, std::function<Figures()> figures = {});
  void stop();

  [[nodiscard]] bool terminal() const { return terminal_; }

 private:
  void emit(std::string_view level, std::string_view line);
  void draw(const std::string& line);
  void record(const std::string& line, const Figures& figures);
  void erase();

  bool json_;
  std::string command_;
  bool quiet_;
  bool verbose_;
  bool shown_;     // live progress wanted
  bool terminal_;  // standard error is one, and is shown text
  std::mutex mutex_;
  bool drawn_ = false;
  std::vector<std::pair<std::string, std::string>> about_;
  std::jthread thread_;
};

// As warn() of the Progress that there is now: for layers that none is handed to. Without one nothing is said.
void warn_meanwhile(const std::string& line);

// 12345678 as "12,345,678", 1.5e9 bytes as "1.5 GB".
[[nodiscard]] std::string with_commas(std::uint64_t number);
// "1 table", "1,200 tables": NOUN is one of them.
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view noun);
[[nodiscard]] std::string human_count(std::uint64_t number);  // exact below ten million
[[nodiscard]] std::string human_bytes(double bytes);
// Events a second, short: "1.25 M/s".
[[nodiscard]] std::string human_rate(double per_second);

}  // namespace stack::app
