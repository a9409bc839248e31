// The normal distribution made of + - * / and sqrt alone, as market/exact_math.hpp has its quantile.
// Thread-safety: pure. Never fails.
#pragma once

namespace stack::model {

// P(Z < x), relative error below 1e-9 where it is above 1e-300. Marsaglia 2004 (equation 1) about 0, Laplace's
// continued fraction in the tails.
[[nodiscard]] double normal_cdf(double x);
[[nodiscard]] double normal_density(double x);

}  // namespace stack::model
