#include "app/feed_control.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include "app/feed_status.hpp"

namespace stack::app {
namespace {

constexpr const char* kJson = "application/json";

http::Response refusal(int status, std::string_view why) {
  return {.status = status, .content_type = kJson, .body = JsonObject{}.text("error", why).str() + "\n"};
}

// An IP address cannot be made to lead elsewhere, a name can.
bool is_our_name(std::string_view host) {
  if (host.starts_with('[')) return true;
  host = host.substr(0, host.find(':'));
  return host.empty() || host == "localhost" ||
         std::ranges::all_of(host, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

std::optional<publish::Tempo> parse_rate(std::string_view text) {
  double rate = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rate);
  if (error != std::errc{} || end != text.data() + text.size() || !(rate > 0) || !std::isfinite(rate))
    return std::nullopt;
  return publish::Tempo{.rate = rate, .speed = {}};
}

// A tempo from a JSON value, which may be a number or the text of one.
template <class Parse>
std::optional<publish::Tempo> tempo_of(const simdjson::dom::element& value, const Parse& parse) {
  if (std::string_view text; value.get(text) == simdjson::SUCCESS) return parse(text);
  if (double number = 0; value.get(number) == simdjson::SUCCESS) return parse(fmt::format("{}", number));
  return std::nullopt;
}

std::optional<publish::Tempo> tempo_in(std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(body.data(), body.size()).get(object) != simdjson::SUCCESS || object.size() != 1)
    return std::nullopt;
  const auto field = *object.begin();
  if (field.key == "speed") return tempo_of(field.value, publish::parse_speed);
  if (field.key == "rate") return tempo_of(field.value, parse_rate);
  return std::nullopt;
}

std::optional<publish::Tempo> tempo_of(const http::Request& request) {
  constexpr std::string_view kQuery = "?x=";
  const std::string_view query = std::string_view{request.target}.substr(request.path().size());
  if (query.empty()) return tempo_in(request.body);
  if (!query.starts_with(kQuery)) return std::nullopt;
  const auto text = query.substr(kQuery.size());
  return request.path() == "/rate" ? parse_rate(text) : publish::parse_speed(text);
}

}  // namespace

http::Response FeedControl::status() const {
  return {.content_type = kJson, .body = status_json(plan_, counts_, control_) + "\n"};
}

http::Response FeedControl::change(const http::Request& request) {
  const auto tempo = tempo_of(request);
  if (!tempo)
    return refusal(400, R"(say /speed?x=60, /speed?x=max or /rate?x=5000, or send {"speed":"60x"} or {"rate":5000})");
  if (tempo->speed && plan_.options().mode == market::Mode::sample)
    return refusal(409, "sampled rows have no time of day to play: set a rate");
  control_.change(*tempo);
  return status();
}

http::Response FeedControl::answer(const http::Request& request) {
  if (!is_our_name(request.host)) return refusal(403, "this address is known by its number, or as localhost");
  const auto path = request.path();
  if (path == "/status") return request.method == "GET" ? status() : refusal(405, "GET /status");
  const bool known = path == "/pause" || path == "/resume" || path == "/stop" || path == "/speed" || path == "/rate";
  if (!known) return refusal(404, "GET /status; POST /pause, /resume, /speed?x=60, /rate?x=5000, /stop");
  if (request.method != "POST") return refusal(405, fmt::format("POST {}", path));
  if (path == "/speed" || path == "/rate") return change(request);
  if (path == "/pause") control_.pause();
  if (path == "/resume") control_.resume();
  if (path == "/stop") stop_.request();
  return status();
}

}  // namespace stack::app
