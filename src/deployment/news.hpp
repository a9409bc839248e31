// What is told to the user while a deployment is worked on, by whom the caller chooses.
// Thread-safety: the functions are called from the thread that works; the line is asked for from any. Never fails.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace stack::deployment {

// All of them are set.
struct News {
  std::function<void(std::string_view)> say;
  std::function<void(std::string_view)> detail;             // of interest to few
  std::function<void(std::function<std::string()>)> begin;  // a line that is asked for again and again, until end()
  std::function<void()> end;
};

}  // namespace stack::deployment
