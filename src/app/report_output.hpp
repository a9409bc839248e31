// What `stack report` prints: one JSON object, or a few lines. Thread-safety: standard output is the caller's. Never
// fails.
#pragma once

#include <string>

#include "realism/report_page.hpp"

namespace stack::app {

// PAGE: the file that the page was written to.
void print_report_json(const realism::PageInput& input, const std::string& page, double seconds);
void print_report_summary(const realism::PageInput& input, const std::string& page);

}  // namespace stack::app
