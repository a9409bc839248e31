// What `stack doctor` finds of one thing. Thread-safety: values.
#pragma once

#include <string>

namespace stack::app {

enum class Health { good, warning, bad };

struct Finding {
  Health health;
  std::string subject;
  std::string text;  // what is the case and, unless good, what to do
  // Of a permission on AWS, for --json: whose work it is needed for, what is missing and on what.
  std::string role = {};
  std::string action = {};
  std::string resource = {};
  std::string said = {};  // the service's own answer
};

}  // namespace stack::app
