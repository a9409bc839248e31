// Correlated standard normal numbers for each symbol and session.
// Thread-safety: immutable once made. Never fails.
#pragma once

#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <vector>

#include "market/philox.hpp"
#include "model/panel.hpp"

namespace stack::model {

// The words of a session: block BLOCK of four of them, of the stream that models use. Fewer than 8 blocks.
[[nodiscard]] inline market::Words4 model_words(std::uint64_t key, std::uint64_t session, unsigned block) {
  return market::philox(key, market::Stream::model, session * 8 + block);
}

// The key of all of a symbol's words.
[[nodiscard]] std::uint64_t model_key(std::uint64_t seed, std::string_view symbol);

class GaussianShocks {
 public:
  // CORRELATION: positive semi-definite, one row a symbol of PANEL.
  GaussianShocks(const Panel& panel, const Eigen::MatrixXd& correlation, std::uint64_t seed);

  // Normals of sessions FIRST .. FIRST + COUNT - 1: shocks[i][symbol][session], made of word i of BLOCK; as many i as
  // SHOCKS has, at most 4. Between symbols they have the correlation, between i and sessions none.
  using Columns = std::vector<std::vector<double>>;
  void draw(std::uint64_t first, std::size_t count, unsigned block, std::span<Columns> shocks);

 private:
  std::vector<std::uint64_t> keys_;
  Eigen::MatrixXd factor_;
  std::array<Columns, 4> plain_;  // before they are correlated
};

}  // namespace stack::model
