#include "scenario/shock.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace stack::scenario {
namespace {

constexpr double kDay = 86400.0;     // seconds
constexpr double kShortest = 0.001;  // seconds
constexpr double kMostSessions = 1e6;

constexpr std::array kFields = {
    FieldSpec{"kind", FieldForm::text},
    FieldSpec{"symbols", FieldForm::texts},
    FieldSpec{"date", FieldForm::date},
    FieldSpec{"session", FieldForm::whole, 1, kMostSessions},
    FieldSpec{"sessions", FieldForm::whole, 1, kMostSessions},
    FieldSpec{"time", FieldForm::time_of_day},
    FieldSpec{"duration", FieldForm::time, kShortest, kDay},
    FieldSpec{"fall", FieldForm::time, kShortest, kDay},
    FieldSpec{"delay", FieldForm::time, kShortest, kDay},
    FieldSpec{"rebound", FieldForm::number, 0, 1},
    FieldSpec{"rebound_sessions", FieldForm::whole, 1, kMostSessions},
    FieldSpec{"auction", FieldForm::number, 1, 1e6},
    FieldSpec{"share", FieldForm::number, 1e-9, 1},
    FieldSpec{"mode", FieldForm::text},
    FieldSpec{"forms", FieldForm::texts},
};

constexpr FieldSpec kFallSize{"size", FieldForm::number, -0.95, -1e-6};
constexpr FieldSpec kVolumeFactor{"factor", FieldForm::number, 0, 1000};

const std::vector<KindSpec>& table() {
  static const std::vector<KindSpec> specs = {
      {Kind::crash, "crash", {"size"}, {"sessions", "rebound", "rebound_sessions"}, false, kFallSize},
      {Kind::volatility, "volatility", {"factor"}, {"sessions"}},
      {Kind::gap, "gap", {"size"}, {}},
      {Kind::volume, "volume", {"factor"}, {"sessions", "time", "duration"}, false, {}, kVolumeFactor},
      {Kind::flash_crash, "flash-crash", {"size", "time", "duration"}, {"fall", "rebound"}, false, kFallSize},
      {Kind::halt, "halt", {"time", "duration"}, {"auction"}},
      {Kind::outage, "outage", {"time", "duration"}, {"sessions", "mode"}},
      {Kind::late, "late", {"share", "delay"}, {"sessions", "time", "duration"}, true},
      {Kind::out_of_order, "out-of-order", {"share", "delay"}, {"sessions", "time", "duration"}, true},
      {Kind::duplicate, "duplicate", {"share"}, {"delay", "sessions", "time", "duration"}, true},
      {Kind::malformed, "malformed", {"share"}, {"forms", "sessions", "time", "duration"}, true},
  };
  return specs;
}

constexpr std::array kForms = {
    FormName{market::Malformation::truncated, "truncated"}, FormName{market::Malformation::bad_utf8, "bad-utf8"},
    FormName{market::Malformation::wrong_type, "wrong-type"}, FormName{market::Malformation::empty, "empty"},
    FormName{market::Malformation::not_json, "not-json"}};

bool has(const std::vector<std::string_view>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

std::span<const KindSpec> kinds() { return table(); }

const KindSpec& spec_of(Kind kind) { return *std::ranges::find(table(), kind, &KindSpec::kind); }

const FieldSpec* find_field(const KindSpec& kind, std::string_view name) {
  const bool common = name == "kind" || name == "symbols" || name == "date" || name == "session";
  if (!common && !has(kind.required, name) && !has(kind.optional, name)) return nullptr;
  if (name == "size") return &kind.size;
  if (name == "factor") return &kind.factor;
  return &*std::ranges::find(kFields, name, &FieldSpec::name);
}

std::span<const FormName> malformations() { return kForms; }

std::string identity_of(const Shock& shock) {
  auto symbols = shock.symbols;
  std::ranges::sort(symbols);
  std::string text = fmt::format("{} {} ", spec_of(shock.kind).name, symbols.size());
  for (const std::string& symbol : symbols) text += fmt::format("{}:{} ", symbol.size(), symbol);
  text += fmt::format("{} {} {} {} ", shock.date ? format_date(*shock.date) : "-", shock.session.value_or(0),
                      shock.sessions, shock.time.value_or(-1));
  text += fmt::format("{} {} {} {} {} {} {} {} {} {}", shock.duration, shock.fall, shock.delay, shock.size,
                      shock.rebound, shock.rebound_sessions, shock.factor, shock.auction, shock.share, shock.drop);
  for (const market::Malformation form : shock.forms) text += fmt::format(" {}", static_cast<int>(form));
  return text + '\n';
}

}  // namespace stack::scenario
