#include "app/terminal.hpp"

#include <sys/ioctl.h>

#include <algorithm>

namespace stack::app {
namespace {

constexpr std::size_t kNarrowest = 20;  // of what is left of a line beside its indentation
constexpr std::size_t kShallow = 4;     // the indentation where it would be less

bool begins_with_a_word(std::string_view text) { return !text.empty() && text.front() != ' ' && text.front() != '\n'; }
bool is_command(std::string_view line) {
  const auto first = line.find_first_not_of(' ');
  return first != 0 && first != std::string_view::npos && line.substr(first).starts_with("stack ");
}

std::string_view take_line(std::string_view& text) {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

// Where LINE goes on when it is broken.
std::size_t indentation_of(std::string_view line) {
  const auto first = std::min(line.find_first_not_of(' '), line.size());
  if (first == 0) return 0;
  const auto gap = line.find("  ", first);
  const auto second = gap == std::string_view::npos ? gap : line.find_first_not_of(' ', gap);
  return second == std::string_view::npos ? first : second;
}

void append_broken(std::string& text, std::string_view line, std::size_t width) {
  std::size_t indentation = indentation_of(line);
  const auto head = line.substr(0, indentation);
  line.remove_prefix(indentation);
  text += head;
  std::size_t column = indentation;
  const auto break_line = [&] {
    text.append("\n").append(indentation, ' ');
    column = indentation;
  };
  if (indentation + kNarrowest > width) {
    indentation = kShallow;
    text.resize(text.find_last_not_of(' ') + 1);
    break_line();
  }
  for (bool first = true; !line.empty(); first = false) {
    const auto word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(line.size(), word.size() + 1));
    if (!first && column + 1 + word.size() > width) {
      break_line();
    } else if (!first) {
      text += ' ';
      ++column;
    }
    text += word;
    column += word.size();
  }
  text += '\n';
}

}  // namespace

std::optional<std::size_t> terminal_width(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
  return size.ws_col;
}

std::string broken_to_fit(std::string_view text, std::size_t width) {
  std::string result;
  while (!text.empty()) {
    std::string line{take_line(text)};
    if (line.size() <= width || is_command(line)) {
      result.append(line).append("\n");
      continue;
    }
    while (begins_with_a_word(line) && begins_with_a_word(text) && !text.starts_with("Usage:")) {
      line += ' ';
      line += take_line(text);
    }
    append_broken(result, line, width);
  }
  return result;
}

}  // namespace stack::app
