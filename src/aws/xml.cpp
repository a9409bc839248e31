#include "aws/xml.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace stack::aws {
namespace {

struct Found {
  std::string_view content;
  std::size_t end = std::string_view::npos;
};

Found next_element(std::string_view xml, std::string_view name, std::size_t from) {
  const std::string opening = fmt::format("<{}>", name);
  const std::string closing = fmt::format("</{}>", name);
  const auto begin = xml.find(opening, from);
  if (begin == std::string_view::npos) return {};
  const auto content = begin + opening.size();
  const auto end = xml.find(closing, content);
  if (end == std::string_view::npos) return {};
  return {xml.substr(content, end - content), end + closing.size()};
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto add = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return add(code);
  if (code < 0x800) return add(0xc0U | code >> 6U), add(0x80U | (code & 0x3fU));
  if (code >= 0x10000) {
    add(0xf0U | code >> 18U);
    add(0x80U | (code >> 12U & 0x3fU));
  } else {
    add(0xe0U | code >> 12U);
  }
  add(0x80U | (code >> 6U & 0x3fU));
  add(0x80U | (code & 0x3fU));
}

bool append_entity(std::string& out, std::string_view name) {
  constexpr std::array<std::pair<std::string_view, char>, 5> kNamed{
      {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
  for (const auto& [known, character] : kNamed)
    if (name == known) return out += character, true;
  if (name.size() < 2 || name.front() != '#') return false;
  name.remove_prefix(1);
  const bool hex = name.front() == 'x' || name.front() == 'X';
  if (hex) name.remove_prefix(1);
  std::uint32_t code = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), code, hex ? 16 : 10);
  if (error != std::errc{} || end != name.data() + name.size() || code > 0x10ffff) return false;
  append_utf8(out, code);
  return true;
}

}  // namespace

std::string_view xml_element(std::string_view xml, std::string_view name) { return next_element(xml, name, 0).content; }

std::vector<std::string_view> xml_elements(std::string_view xml, std::string_view name) {
  std::vector<std::string_view> found;
  for (auto next = next_element(xml, name, 0); next.end != std::string_view::npos;
       next = next_element(xml, name, next.end))
    found.push_back(next.content);
  return found;
}

std::string xml_text(std::string_view written) {
  std::string out;
  for (std::size_t i = 0; i < written.size(); ++i) {
    const auto end = written[i] == '&' ? written.find(';', i) : std::string_view::npos;
    if (end != std::string_view::npos && append_entity(out, written.substr(i + 1, end - i - 1)))
      i = end;
    else
      out += written[i];
  }
  return out;
}

}  // namespace stack::aws
