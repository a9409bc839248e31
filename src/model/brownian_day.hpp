// The day that the textbook models share: a close-to-close return becomes a gap, a move, a high, a low and a volume.
//
// The gap takes the symbol's overnight share w of the variance: given the return r of a Brownian motion with variance
// s^2, it is w r + sqrt(w (1 - w)) s e with e standard normal (the bridge's law at time w). The high and the low are
// the extremes of the Brownian bridge from open to close: (d + sqrt(d^2 - 2 v ln U)) / 2 with the move d, its variance
// v and U uniform, likewise the low (Glasserman 2004, section 6.4); each has its exact law, the two are drawn
// independently of each other. Log volume is an AR(1) about the history's recent level, whose innovations depend on
// |r| by a Gaussian copula, so that Spearman's correlation with |r| is the history's.
//
// Thread-safety: one thread. Never fails.
#pragma once

#include <cstdint>

#include "model/bar_model.hpp"
#include "model/volume_facts.hpp"

namespace stack::model {

// Share of the gap's variance in that of gap and move, over the sessions that tell both; 0 where none does.
[[nodiscard]] double overnight_share(const PanelSeries& series);

// What of a session's return is no Brownian motion.
struct Jump {
  double size = 0.0;      // log return
  bool overnight = true;  // it comes with the gap, else within the session
};

// A session from close to close.
struct DayReturn {
  double ret = 0.0;        // log return, its jump included
  double variance = 0.0;   // of what is Brownian in it
  double deviation = 0.0;  // > 0; in units of which |ret| moves the volume
  Jump jump;
};

class BrownianDay {
 public:
  BrownianDay(const PanelSeries& series, std::uint64_t seed);

  // Writes DAY as row I of MOVES, as session SESSION; to be called session by session.
  void put(std::uint64_t session, const DayReturn& day, DayMoves& moves, std::size_t i);

 private:
  BrownianDay(const PanelSeries& series, const VolumeFacts& facts, std::uint64_t seed);
  [[nodiscard]] double next_volume(double size, std::uint32_t word);

  std::uint64_t key_;
  double overnight_;
  double level_;
  double volume_deviation_;
  double persistence_;
  double innovation_;  // deviation of the AR(1)'s innovations where the process has variance 1
  double loading_;     // of the innovation on the normal score of |r|
  double volume_;      // where the process stands
};

}  // namespace stack::model
