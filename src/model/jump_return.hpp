// A session's return under Merton's jump diffusion, as a function of a standard normal number.
// Thread-safety: immutable once made. Never fails.
#pragma once

#include <array>
#include <cstddef>

#include "model/jump_fit.hpp"

namespace stack::model {

class JumpReturn {
 public:
  explicit JumpReturn(const JumpParameters& parameters);

  struct Point {
    double ret = 0.0;             // the log return whose probability to be lower is the normal number's
    double jump_chance = 0.0;     // that it holds a jump
    double jump_mean = 0.0;       // of the jump's part of it, where it does
    double jump_deviation = 0.0;  // likewise
  };
  [[nodiscard]] Point at(double normal) const;

  [[nodiscard]] double deviation() const { return deviation_; }                    // of a session's return
  [[nodiscard]] double diffusion_variance() const { return diffusion_variance_; }  // of a session, jumps aside

  // The normals' correlation with which the returns of A and B have CORRELATION, as near as can be.
  [[nodiscard]] static double normal_correlation(const JumpReturn& a, const JumpReturn& b, double correlation);

 private:
  static constexpr double kFarthest = 6.5;  // a 32-bit word's normal is within 6.3
  static constexpr double kKnotsPerUnit = 64.0;
  static constexpr std::size_t kKnots = 833;
  static constexpr std::size_t kTerms = 24;  // of the Hermite expansion

  void fill_returns(const JumpParameters& parameters);
  void fill_jumps(const JumpParameters& parameters);
  void expand();

  double mean_ = 0.0;  // of a session without a jump
  double diffusion_variance_ = 0.0;
  double deviation_ = 0.0;
  std::array<double, kMostJumps + 1> weights_{};  // of the number of jumps
  std::array<Point, kKnots> knots_{};
  std::array<double, kTerms> hermite_{};  // of the return, by normalised Hermite polynomials from the first on
};

}  // namespace stack::model
