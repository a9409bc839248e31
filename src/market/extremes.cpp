#include "market/extremes.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "market/exact_math.hpp"

namespace stack::market {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr std::size_t kCells = 12;  // of the time before the first extreme, and after the second
constexpr double kLargeTime = 0.5;  // from here on the series in exponentials converges faster than that in images

// Density at time T that Brownian motion from A (0 < A < 1) reaches 0 for the first time, and 1 not before.
double passage_density(double t, double a) {
  if (t > kLargeTime) {
    double sum = 0.0;
    double sine_before = 0.0;
    // sin(k pi a) by the recurrence of Chebyshev: sine and cosine of pi a from their half angle's series.
    const double x = kPi * a * 0.5;
    const double z = x * x;
    const double s = x * (1 - z / 6 * (1 - z / 20 * (1 - z / 42 * (1 - z / 72 * (1 - z / 110 * (1 - z / 156))))));
    const double c = 1 - z / 2 * (1 - z / 12 * (1 - z / 30 * (1 - z / 56 * (1 - z / 90 * (1 - z / 132)))));
    double sine = 2 * s * c;
    const double twice_cosine = 2 * (c * c - s * s);
    for (int k = 1; k <= 3; ++k) {
      sum += k * sine * exact_exp(-0.5 * k * k * kPi * kPi * t);
      const double next = twice_cosine * sine - sine_before;
      sine_before = sine;
      sine = next;
    }
    return std::max(kPi * sum, 0.0);
  }
  double sum = 0.0;
  for (int k = -1; k <= 1; ++k) {
    const double distance = a + 2 * k;
    const double power = distance * distance / (2 * t);
    if (power < 200) sum += distance * exact_exp(-power);
  }
  return std::max(sum * 0.3989422804014327 / (t * std::sqrt(t)), 0.0);
}

// Density, up to a constant, of the time from one end of [0, 1] to the other without touching either on the way.
double crossing_density(double t) {
  if (t > kLargeTime) {
    double sum = 0.0;
    for (int k = 1; k <= 4; ++k) sum += (k % 2 == 1 ? k * k : -k * k) * exact_exp(-0.5 * k * k * kPi * kPi * t);
    return std::max(kPi * kPi * sum, 0.0);
  }
  double sum = 0.0;
  for (const double distance : {1.0, 3.0}) {
    const double power = distance * distance / (2 * t);
    if (power < 200) sum += 2 * (distance * distance / t - 1) * exact_exp(-power);
  }
  return std::max(sum * 0.3989422804014327 / (t * std::sqrt(t)), 0.0);
}

// The crossing density at 512 steps of time up to 1 (variances stay below 0.51 of the range's square).
double crossing_by_table(double t) {
  constexpr int kSteps = 512;
  static const std::array<double, kSteps + 2> table = [] {
    std::array<double, kSteps + 2> values{};
    for (std::size_t i = 1; i < values.size(); ++i) values[i] = crossing_density(static_cast<double>(i) / kSteps);
    return values;
  }();
  const double at = std::min(t, 1.0) * kSteps;
  const auto cell = static_cast<std::size_t>(at);
  return table[cell] + (table[cell + 1] - table[cell]) * (at - static_cast<double>(cell));
}

// Times of a first or last piece: cells that grow with the cube, since short times are the likely ones.
constexpr double cell_edge(std::size_t i) {
  const double x = static_cast<double>(i) / kCells;
  return x * x * x;
}

struct Piece {
  std::size_t cells = 0;
  std::array<double, kCells> time{};    // the cell's middle
  std::array<double, kCells> weight{};  // density there times the cell's width
};

// The piece from A down to 0; of no length where it starts at its end.
Piece make_piece(double a, double variance) {
  Piece piece;
  if (a <= 0.0) {
    piece.cells = 1;
    piece.weight[0] = 1.0;
    return piece;
  }
  if (a >= 1.0) return piece;  // it would start at the other extreme
  piece.cells = kCells;
  for (std::size_t i = 0; i < kCells; ++i) {
    piece.time[i] = 0.5 * (cell_edge(i) + cell_edge(i + 1));
    piece.weight[i] = passage_density(piece.time[i] * variance, a) * (cell_edge(i + 1) - cell_edge(i));
  }
  return piece;
}

using Weights = std::array<std::array<double, kCells>, kCells>;

double joint_weights(const Piece& first, const Piece& last, double variance, Weights& weights) {
  double total = 0.0;
  for (std::size_t i = 0; i < first.cells; ++i) {
    for (std::size_t j = 0; j < last.cells; ++j) {
      const double between = 1.0 - first.time[i] - last.time[j];
      weights[i][j] = between <= 0 ? 0.0 : first.weight[i] * last.weight[j] * crossing_by_table(between * variance);
      total += weights[i][j];
    }
  }
  return total;
}

double time_in_cell(const Piece& piece, std::size_t cell, double u) {
  return piece.cells == 1 ? 0.0 : cell_edge(cell) + u * (cell_edge(cell + 1) - cell_edge(cell));
}

}  // namespace

double garman_klass_of_range(double open, double close) {
  const double move = close - open;
  return 0.5 - 0.38629436111989061 * move * move;  // 2 ln 2 - 1
}

Extremes draw_extremes(const NormalisedDay& day, const Words4& words) {
  // [0]: the low first, so that the first piece ends at the low and the last one starts at the high.
  const std::array<Piece, 2> first{make_piece(day.open, day.variance), make_piece(1.0 - day.open, day.variance)};
  const std::array<Piece, 2> last{make_piece(1.0 - day.close, day.variance), make_piece(day.close, day.variance)};
  std::array<Weights, 2> weights{};
  const std::array<double, 2> total{joint_weights(first[0], last[0], day.variance, weights[0]),
                                    joint_weights(first[1], last[1], day.variance, weights[1])};
  if (total[0] + total[1] <= 0.0) {
    // It starts and ends at the same extreme: that one is at the start, the other one somewhere between.
    return {day.open < 0.5, 0.0, 0.1 + 0.4 * (unit_interval(words[1]) + unit_interval(words[2]))};
  }
  double pick = unit_interval(words[0]) * (total[0] + total[1]);
  const std::size_t order = pick < total[0] || total[1] <= 0.0 ? 0 : 1;
  if (order == 1) pick -= total[0];
  std::size_t cell_first = 0;
  std::size_t cell_last = 0;
  for (std::size_t i = 0; i < first[order].cells; ++i) {
    for (std::size_t j = 0; j < last[order].cells; ++j) {
      if (weights[order][i][j] <= 0.0) continue;
      cell_first = i;
      cell_last = j;
      pick -= weights[order][i][j];
      if (pick <= 0.0) break;
    }
    if (pick <= 0.0) break;
  }
  Extremes extremes;
  extremes.low_first = order == 0;
  extremes.first = time_in_cell(first[order], cell_first, unit_interval(words[1]));
  extremes.second = 1.0 - time_in_cell(last[order], cell_last, unit_interval(words[2]));
  if (extremes.second <= extremes.first) {  // at the corner of two cells
    const double middle = 0.5 * (extremes.first + extremes.second);
    extremes.first = middle * 0.999;
    extremes.second = middle + (1.0 - middle) * 0.001;
  }
  return extremes;
}

}  // namespace stack::market
