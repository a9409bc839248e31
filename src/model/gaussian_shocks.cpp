#include "model/gaussian_shocks.hpp"

#include "market/exact_math.hpp"
#include "market/hash128.hpp"
#include "model/correlation.hpp"

namespace stack::model {

std::uint64_t model_key(std::uint64_t seed, std::string_view symbol) {
  market::Hash128 hash;
  hash.add(seed);
  hash.add(symbol);
  return hash.value()[0];
}

GaussianShocks::GaussianShocks(const Panel& panel, const Eigen::MatrixXd& correlation, std::uint64_t seed)
    : factor_(correlation_factor(correlation)) {
  for (const auto& series : panel.series) keys_.push_back(model_key(seed, series.symbol));
}

void GaussianShocks::draw(std::uint64_t first, std::size_t count, unsigned block, std::span<Columns> shocks) {
  const std::size_t symbols = keys_.size();
  for (std::size_t i = 0; i < shocks.size(); ++i) {
    plain_[i].resize(symbols);
    shocks[i].resize(symbols);
  }
  for (std::size_t s = 0; s < symbols; ++s) {
    for (std::size_t i = 0; i < shocks.size(); ++i) plain_[i][s].resize(count);
    for (std::size_t t = 0; t < count; ++t) {
      const auto words = model_words(keys_[s], first + t, block);
      for (std::size_t i = 0; i < shocks.size(); ++i)
        plain_[i][s][t] = market::normal_quantile(market::unit_interval(words[i]));
    }
  }
  for (std::size_t i = 0; i < shocks.size(); ++i) {
    for (std::size_t s = 0; s < symbols; ++s) {
      auto& out = shocks[i][s];
      out.assign(count, 0.0);
      for (std::size_t j = 0; j <= s; ++j) {
        const double weight = factor_(static_cast<Eigen::Index>(s), static_cast<Eigen::Index>(j));
        const auto& plain = plain_[i][j];
        for (std::size_t t = 0; t < count; ++t) out[t] += weight * plain[t];
      }
    }
  }
}

}  // namespace stack::model
