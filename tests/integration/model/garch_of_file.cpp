// The GARCH of src/model from outside: garch_of_file RETURNS prints "omega alpha gamma beta nu" at the likelihood's
// maximum, the likelihood there and the variance it starts with; garch_of_file RETURNS OMEGA ALPHA GAMMA BETA NU H0
// prints the likelihood of these. RETURNS: a file of numbers.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

#include "model/garch.hpp"

int main(int count, char** words) {
  using namespace stack::model;
  if (count != 2 && count != 8) return 2;
  std::ifstream file(words[1]);
  const std::vector<double> e(std::istream_iterator<double>(file), {});
  if (count == 8) {
    std::vector<double> given;
    for (int i = 2; i < count; ++i) given.push_back(std::strtod(words[i], nullptr));
    fmt::print("{:.17g}\n", log_likelihood({given[0], given[1], given[2], given[3], given[4]}, e, given[5]));
    return 0;
  }
  const auto found = fit_garch(e);
  if (!found) {
    fmt::print(stderr, "{}\n", found.error().message);
    return 1;
  }
  fmt::print("{:.17g} {:.17g} {:.17g} {:.17g} {:.17g} {:.17g} {:.17g}\n", found->omega, found->alpha, found->gamma,
             found->beta, found->nu, log_likelihood(*found, e, backcast(e)), backcast(e));
  return 0;
}
