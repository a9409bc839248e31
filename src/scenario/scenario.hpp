// A scenario: timed shocks on chosen symbols, made into the shape of a feed. Shocks of whole sessions change bars,
// those within a session change ticks, faults change what becomes of encoded events. Thread-safety: immutable. Failure:
// ErrorKind::usage as "file:line: what is wrong"; what can only be told with the feed at hand (unknown symbols, dates
// and hours that it does not have) is told by shape().
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "market/feed_shape.hpp"
#include "scenario/shock.hpp"

namespace stack::scenario {

class Scenario final : public market::FeedShaper {
 public:
  [[nodiscard]] static Result<std::shared_ptr<const Scenario>> load(const std::string& path);
  // The same from text; NAME stands for the file in messages.
  [[nodiscard]] static Result<std::shared_ptr<const Scenario>> parse(std::string_view text, std::string name);

  [[nodiscard]] const std::vector<Shock>& shocks() const { return shocks_; }
  [[nodiscard]] Result<market::FeedShape> shape(std::span<const market::FeedSymbol> symbols) const override;
  [[nodiscard]] std::string identity() const override;

 private:
  class Placing;
  Scenario(std::string name, std::vector<Shock> shocks) : name_(std::move(name)), shocks_(std::move(shocks)) {}

  std::string name_;
  std::vector<Shock> shocks_;
};

}  // namespace stack::scenario
