#include "app/listening.hpp"

#include <fmt/format.h>

namespace stack::app {

Result<std::unique_ptr<http::Listener>> open_listener(const Settings& settings, std::string_view option,
                                                      Progress& progress, http::Handler handler) {
  if (!settings.given(option)) return nullptr;
  const auto named = [&](Error error) { return std::unexpected(std::move(error).within(fmt::format("--{}", option))); };
  auto address = http::parse_address(settings.text(option));
  if (!address) return named(std::move(address).error());
  auto listener = http::Listener::open(*address, std::move(handler));
  if (!listener) return named(std::move(listener).error());
  if (!(*listener)->is_loopback())
    progress.warn(fmt::format("--{} {}: whoever reaches this address is served; it asks for no password", option,
                              settings.text(option)));
  progress.say(fmt::format("{} at http://{}", option, (*listener)->address().text()));
  return listener;
}

}  // namespace stack::app
