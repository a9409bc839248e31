// Listeners that an option asks for by an address, as --metrics does.
// Thread-safety: as http::Listener. Failure: ErrorKind::usage, naming option, value and origin.
#pragma once

#include <memory>
#include <string_view>

#include "app/progress.hpp"
#include "app/settings.hpp"
#include "http/listener.hpp"

namespace stack::app {

// Listens on what OPTION says; null when it says nothing. Warns where other machines could reach it.
[[nodiscard]] Result<std::unique_ptr<http::Listener>> open_listener(const Settings& settings, std::string_view option,
                                                                    Progress& progress, http::Handler handler);

}  // namespace stack::app
