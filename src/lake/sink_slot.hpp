// The name under which a sink is a static member of its group. A sink that was killed and is started again must come
// back under the same name (it then has its partitions at once), and two that run side by side must not share one. So a
// machine numbers its sinks of a group with lock files, which a killed process lets go of.
// Thread-safety: a slot has one owner. Never fails: without a folder for lock files the name is unique instead.
#pragma once

#include <string>
#include <string_view>

#include "core/unique_fd.hpp"

namespace stack::lake {

class SinkSlot {
 public:
  // The first free slot of GROUP on this machine, or, if NAMED, the slot of that name (not locked).
  [[nodiscard]] static SinkSlot take(std::string_view group, std::string_view named);

  [[nodiscard]] const std::string& instance_id() const { return instance_id_; }

 private:
  SinkSlot(std::string instance_id, UniqueFd lock) : instance_id_(std::move(instance_id)), lock_(std::move(lock)) {}

  std::string instance_id_;
  UniqueFd lock_;
};

}  // namespace stack::lake
