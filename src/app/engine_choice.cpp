#include "app/engine_choice.hpp"

#include <algorithm>

namespace stack::app {

Result<std::string> engine_choice(const Settings& settings, const std::vector<std::string_view>& own,
                                  const std::vector<std::string_view>& others) {
  const auto said = settings.text("engine");
  const bool is_others = std::ranges::find(others, said) != others.end();
  if (said.empty() || (is_others && !settings.on_command_line("engine"))) return std::string{own.front()};
  return settings.choice("engine", own);
}

}  // namespace stack::app
