#include "market/arrivals.hpp"

#include <fmt/format.h>

namespace stack::market {

Result<Arrivals> parse_arrivals(std::string_view text) {
  for (const Arrivals arrivals : {Arrivals::uniform, Arrivals::poisson, Arrivals::hawkes})
    if (text == arrivals_name(arrivals)) return arrivals;
  return fail(ErrorKind::usage,
              fmt::format("--arrivals: '{}' is not known; there are uniform, poisson and hawkes", text));
}

std::string_view arrivals_name(Arrivals arrivals) {
  switch (arrivals) {
    case Arrivals::uniform:
      return "uniform";
    case Arrivals::hawkes:
      return "hawkes";
    case Arrivals::poisson:
      break;
  }
  return "poisson";
}

}  // namespace stack::market
