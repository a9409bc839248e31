#include "catalog/date_form.hpp"

#include <algorithm>
#include <cstring>

#include "core/time.hpp"

namespace stack::catalog {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }

int two_digits(const char* at) { return digit(at[0]) && digit(at[1]) ? (at[0] - '0') * 10 + (at[1] - '0') : 99; }

}  // namespace

bool DateForm::is_date(std::string_view text) {
  if (text.size() != sizeof last_) return false;
  if (std::memcmp(last_, text.data(), sizeof last_) == 0) return true;
  if (!parse_date(text)) return false;
  text.copy(last_, sizeof last_);
  return true;
}

bool DateForm::is_timestamp(std::string_view text) {
  if (text.size() < 19 || text.size() > 29 || text[10] != ' ' || text[13] != ':' || text[16] != ':') return false;
  const char* const at = text.data();
  if (two_digits(at + 11) > 23 || two_digits(at + 14) > 59 || two_digits(at + 17) > 59) return false;
  if (text.size() > 19 && (at[19] != '.' || text.size() == 20 || !std::all_of(at + 20, at + text.size(), digit)))
    return false;
  return is_date(text.substr(0, sizeof last_));
}

}  // namespace stack::catalog
