// Corrects a fitted simulation by what it shows (the method of simulated moments; McFadden 1989, Duffie and Singleton
// 1993): paths as long as the history are played, and what their moments miss of the history's goes back into the
// parameters.
// Thread-safety: pure. Never fails.
#pragma once

#include "model/fhs_dependence.hpp"

namespace stack::model {

// TARGET: the dependence that PARAMETERS were made with; it is moved on the way.
void calibrate(const Panel& panel, const FhsHistory& history, Dependence target, FhsParameters& parameters);

}  // namespace stack::model
