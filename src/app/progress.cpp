#include "app/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>

#include "app/log_record.hpp"
#include "app/terminal.hpp"

namespace stack::app {
namespace {

constexpr std::chrono::milliseconds kRedraw{200};
constexpr std::chrono::seconds kPlainLineEvery{10};

// The one that there is: a command has one.
struct Current {
  std::mutex mutex;
  Progress* progress = nullptr;
};

Current& current() {
  static Current one;
  return one;
}

}  // namespace

Progress::Progress(const Settings& settings)
    : json_(settings.text("log-format") == "json"),
      command_(settings.command()),
      quiet_(settings.flag("quiet")),
      verbose_(settings.flag("verbose")),
      shown_(!quiet_ && !settings.flag("no-progress")),
      terminal_(!json_ && ::isatty(STDERR_FILENO) == 1) {
  const std::lock_guard lock{current().mutex};
  current().progress = this;
}

Progress::~Progress() {
  stop();
  const std::lock_guard lock{current().mutex};
  if (current().progress == this) current().progress = nullptr;
}

void warn_meanwhile(const std::string& line) {
  const std::lock_guard lock{current().mutex};
  if (current().progress != nullptr) current().progress->warn(line);
}

// fmt::print would throw when standard error cannot be written, also from the drawing thread.
void Progress::erase() {
  if (drawn_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

void Progress::emit(std::string_view level, std::string_view line) {
  if (quiet_) return;
  const std::lock_guard lock{mutex_};
  erase();
  if (json_) {
    auto record = log_record(SystemClock{}.now(), level, command_, line);
    for (const auto& [field, value] : about_) record.text(field, value);
    std::fputs((record.str() + "\n").c_str(), stderr);
  } else {
    std::fputs(fmt::format("{}{}\n", level == "warning" ? "warning: " : "", line).c_str(), stderr);
  }
}

void Progress::say(std::string_view line) { emit("info", line); }

void Progress::detail(std::string_view line) {
  if (verbose_) emit("debug", line);
}

void Progress::warn(std::string_view line) { emit("warning", line); }

void Progress::about(std::string_view field, std::string_view value) {
  const std::lock_guard lock{mutex_};
  about_.emplace_back(field, as_utf8(value));
}

void Progress::record(const std::string& line, const Figures& figures) {
  const std::lock_guard lock{mutex_};
  auto record = log_record(SystemClock{}.now(), "info", command_, line);
  record.text("event", "progress");
  for (const auto& [field, value] : about_) record.text(field, value);
  for (const auto& [name, value] : figures) record.number(name, value);
  std::fputs((record.str() + "\n").c_str(), stderr);
}

void Progress::draw(const std::string& line) {
  const std::lock_guard lock{mutex_};
  if (terminal_) {
    std::fputs(
        fmt::format("\r{}\033[K", std::string_view{line}.substr(0, terminal_width(STDERR_FILENO).value_or(80) - 1))
            .c_str(),
        stderr);
    std::fflush(stderr);
    drawn_ = true;
  } else {
    std::fputs(fmt::format("{}\n", line).c_str(), stderr);
  }
}

void Progress::start(std::function<std::string()> line, std::function<Figures()> figures) {
  stop();
  if (!shown_) return;
  thread_ = std::jthread([this, line = std::move(line), figures = std::move(figures)](const std::stop_token& token) {
    std::mutex mutex;
    std::condition_variable_any wake;
    const auto every = terminal_ ? std::chrono::milliseconds{kRedraw} : std::chrono::milliseconds{kPlainLineEvery};
    for (;;) {
      std::unique_lock lock{mutex};
      wake.wait_for(lock, token, every, [] { return false; });
      if (token.stop_requested()) return;
      json_ ? record(line(), figures ? figures() : Figures{}) : draw(line());
    }
  });
}

void Progress::stop() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
  const std::lock_guard lock{mutex_};
  erase();
}

std::string with_commas(std::uint64_t number) {
  auto digits = fmt::format("{}", number);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits;
}

std::string counted(std::uint64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", with_commas(number), noun, number == 1 ? "" : "s");
}

std::string human_count(std::uint64_t number) {
  if (number >= 10'000'000) return fmt::format("{:.2f} M", static_cast<double>(number) / 1e6);
  return with_commas(number);
}

std::string human_bytes(double bytes) {
  if (bytes >= 1e9) return fmt::format("{:.2f} GB", bytes / 1e9);
  if (bytes >= 1e6) return fmt::format("{:.1f} MB", bytes / 1e6);
  if (bytes >= 1e3) return fmt::format("{:.1f} kB", bytes / 1e3);
  return fmt::format("{:.0f} B", bytes);
}

std::string human_rate(double per_second) {
  if (per_second >= 1e6) return fmt::format("{:.2f} M/s", per_second / 1e6);
  if (per_second >= 1e3) return fmt::format("{:.1f} k/s", per_second / 1e3);
  return fmt::format("{:.1f} /s", per_second);
}

}  // namespace stack::app
