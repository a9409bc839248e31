// What `stack doctor` finds of one thing. Thread-safety: values.
#pragma once

#include <string>

namespace stack::app {

enum class Health { good, warning, bad };

struct Finding {
  Health health;
  std::string subject;
  std::string text;  // what is the case and, unless good, what to do
};

}  // namespace stack::app
