#include "model/garch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlopt.hpp>

namespace stack::model {
namespace {

constexpr double kLeastNu = 2.1;
constexpr double kMostNu = 100.0;
constexpr std::size_t kFewestReturns = 100;

// The search's coordinates: all free within a box, whatever the persistence.
//   [0] ln of the unconditional variance over the sample's   [1] persistence
//   [2] the share of it that news has (alpha + gamma / 2)     [3] gamma / 2 over that share, -1 to 1   [4] ln nu
GjrGarch from_coordinates(const std::vector<double>& x, double sample_variance) {
  GjrGarch garch;
  const double news = x[1] * x[2];
  garch.gamma = 2.0 * news * x[3];
  garch.alpha = news - 0.5 * garch.gamma;
  if (garch.alpha < 0.0) {  // all of it from falls: gamma alone
    garch.alpha = 0.0;
    garch.gamma = 2.0 * news;
  }
  garch.beta = x[1] - news;
  garch.omega = sample_variance * std::exp(x[0]) * (1.0 - x[1]);
  garch.nu = std::exp(x[4]);
  return garch;
}

struct Search {
  std::span<const double> e;
  double sample_variance;
  double h0;
};

double objective(const std::vector<double>& x, std::vector<double>&, void* data) {
  const auto& search = *static_cast<const Search*>(data);
  const double value = log_likelihood(from_coordinates(x, search.sample_variance), search.e, search.h0);
  return std::isfinite(value) ? value : -1e300;
}

}  // namespace

GjrGarch ewma_garch(double variance) {
  constexpr double kPersistence = 0.999;
  return {.omega = variance * (1.0 - kPersistence), .alpha = 0.059, .gamma = 0.0, .beta = 0.94, .nu = 8.0};
}

std::vector<double> filter_variance(const GjrGarch& garch, std::span<const double> e, double h0) {
  std::vector<double> h(e.size() + 1);
  h[0] = h0;
  for (std::size_t t = 0; t < e.size(); ++t) h[t + 1] = garch.next(h[t], e[t]);
  return h;
}

double backcast(std::span<const double> e) {
  double sum = 0.0;
  double weights = 0.0;
  double weight = 1.0;
  for (std::size_t t = 0; t < std::min<std::size_t>(e.size(), 75); ++t, weight *= 0.94) {
    sum += weight * e[t] * e[t];
    weights += weight;
  }
  return sum / weights;
}

double log_likelihood(const GjrGarch& garch, std::span<const double> e, double h0) {
  // Logarithms of products of a few terms, since a logarithm costs more than all the rest.
  constexpr std::size_t kTerms = 8;
  const double nu = garch.nu;
  const double by_scale = 1.0 / (nu - 2.0);
  double h = h0;
  double logs_h = 0.0;
  double logs_t = 0.0;
  double product_h = 1.0;
  double product_t = 1.0;
  for (std::size_t t = 0; t < e.size(); ++t) {
    product_h *= h * 1e4;  // a daily variance is about 1e-4: the product stays near 1
    product_t *= 1.0 + e[t] * e[t] / h * by_scale;
    if (t % kTerms == kTerms - 1 || t + 1 == e.size()) {
      logs_h += std::log(product_h);
      logs_t += std::log(product_t);
      product_h = product_t = 1.0;
    }
    h = garch.next(h, e[t]);
  }
  const auto n = static_cast<double>(e.size());
  logs_h -= n * std::log(1e4);
  const double constant = std::lgamma(0.5 * (nu + 1.0)) - std::lgamma(0.5 * nu) - 0.5 * std::log(M_PI * (nu - 2.0));
  return n * constant - 0.5 * logs_h - 0.5 * (nu + 1.0) * logs_t;
}

Result<GjrGarch> fit_garch(std::span<const double> e, double most_persistence) {
  if (e.size() < kFewestReturns)
    return fail(ErrorKind::data, fmt::format("at least {} returns are needed", kFewestReturns));
  double squares = 0.0;
  for (const double x : e) squares += x * x;
  Search search{e, squares / static_cast<double>(e.size()), backcast(e)};
  if (!(search.h0 > 0.0)) search.h0 = search.sample_variance;
  std::vector<double> x{0.0, 0.98, 0.08, 0.5, std::log(8.0)};
  try {
    nlopt::opt search_method(nlopt::LN_SBPLX, 5);
    search_method.set_lower_bounds({-2.0, 0.5, 0.001, -0.5, std::log(kLeastNu)});
    search_method.set_upper_bounds({2.0, most_persistence, 0.6, 1.0, std::log(kMostNu)});
    search_method.set_max_objective(objective, &search);
    search_method.set_initial_step({0.2, 0.01, 0.03, 0.2, 0.2});
    search_method.set_ftol_abs(1e-5);
    search_method.set_maxeval(4000);
    double best = 0.0;
    const auto ended = search_method.optimize(x, best);
    if (!std::isfinite(best) || best <= -1e299 || ended == nlopt::MAXEVAL_REACHED)
      return fail(ErrorKind::data, "the likelihood's maximum was not found");
  } catch (const std::exception& error) {
    return fail(ErrorKind::data, fmt::format("the search for the likelihood's maximum stopped: {}", error.what()));
  }
  return from_coordinates(x, search.sample_variance);
}

}  // namespace stack::model
