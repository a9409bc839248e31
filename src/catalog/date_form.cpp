#include "catalog/date_form.hpp"

#include "catalog/byte_block.hpp"
#include "core/time.hpp"

namespace stack::catalog {
namespace {

// What eight bytes of digits and separators are above those of FORM, which has zeros in place of digits.
std::uint64_t above(const char* at, const char (&form)[9]) { return eight_bytes(at) ^ eight_bytes(form); }

// Whether they are digits where DIGITS has ones and the separators elsewhere. A carry only touches bytes behind one
// that is marked already.
bool fits(std::uint64_t above, std::uint64_t digits) {
  const std::uint64_t limits = digits * (0x80 - 10) | (kEachByte ^ digits) * (0x80 - 1);
  return (((above + limits) | above) & kHighBits) == 0;
}

// The two digits at a place of such bytes.
unsigned two_digits(std::uint64_t above, int place) {
  const auto tens = static_cast<unsigned>(above >> (place * 8) & 0xFF);
  const auto ones = static_cast<unsigned>(above >> (place * 8 + 8) & 0xFF);
  return tens * 10 + ones;
}

constexpr std::uint64_t kYearAndMonth = 0x0001'0100'0101'0101ULL;  // 0000-00-
constexpr std::uint64_t kTime = 0x0101'0001'0100'0101ULL;          // 00:00:00

}  // namespace

bool is_date(std::string_view text) {
  if (text.size() != 10) return false;
  const std::uint64_t year_and_month = above(text.data(), "0000-00-");
  const std::uint64_t month_and_day = above(text.data() + 2, "00-00-00");
  if (!fits(year_and_month, kYearAndMonth) || !fits(month_and_day, kTime)) return false;
  const unsigned month = two_digits(year_and_month, 5);
  const unsigned day = two_digits(month_and_day, 6);
  const bool has_year = (year_and_month & 0xFFFF'FFFFULL) != 0;
  if (month - 1 < 12 && day - 1 < 28) return has_year;
  return parse_date(text).has_value();  // knows how long months are
}

bool is_timestamp(std::string_view text) {
  if (text.size() < 19 || text.size() > 29 || text[10] != ' ') return false;
  const std::uint64_t time = above(text.data() + 11, "00:00:00");
  if (!fits(time, kTime) || two_digits(time, 0) > 23 || two_digits(time, 3) > 59 || two_digits(time, 6) > 59)
    return false;
  if (text.size() > 19) {
    if (text[19] != '.' || text.size() == 20) return false;
    for (const char c : text.substr(20)) {
      if (c < '0' || c > '9') return false;
    }
  }
  return is_date(text.substr(0, 10));
}

}  // namespace stack::catalog
