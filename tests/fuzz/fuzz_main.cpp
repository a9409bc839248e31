// Drives a fuzz target without libFuzzer: mutates its seeds, and what it made of them, for a given time.
// A failure is what the sanitizers or the target's own checks make of it; the input is left in fuzz-input.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "fuzz_target.hpp"

namespace {

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t limit) { return limit == 0 ? 0 : random() % limit; }

// One of the changes that break parsers: bits, bytes, pieces left out, doubled or moved, tokens, pieces of other
// inputs.
void mutate(std::string& text, const std::string& other, Random& random) {
  static constexpr const char* kTokens[] = {"\"",
                                            "\"\"",
                                            ",",
                                            "\n",
                                            "\r\n",
                                            "-",
                                            "nan",
                                            "1e308",
                                            "e",
                                            ".",
                                            "0",
                                            "\\",
                                            "{}",
                                            "[[[[[[",
                                            "null",
                                            "\xEF\xBB\xBF",
                                            "\xFF",
                                            "9999999999999999999",
                                            "\\ud800",
                                            "1e-400",
                                            "18446744073709551615",
                                            "2021-02-30"};
  const std::size_t at = below(random, text.size() + 1);
  const std::size_t length = below(random, std::min<std::size_t>(text.size() - at, 40) + 1);
  switch (below(random, 8)) {
    case 0:
      if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(random, 8)));
      break;
    case 1:
      if (at < text.size()) text[at] = static_cast<char>(random());
      break;
    case 2:
      text.erase(at, length);
      break;
    case 3:
      text.insert(below(random, text.size() + 1), text.substr(at, length));
      break;
    case 4:
    case 5:
      text.insert(at, kTokens[below(random, std::size(kTokens))]);
      break;
    case 6:
      text.replace(at, length, kTokens[below(random, std::size(kTokens))]);
      break;
    default: {
      const std::size_t from = below(random, other.size() + 1);
      text.replace(at, length, other.substr(from, below(random, 60)));
    }
  }
  if (text.size() > 8192) text.resize(8192);
}

void run(const std::string& input) {
  std::vector<std::uint8_t> exact(input.begin(), input.end());  // of exactly this size, so that reading past it shows
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

std::string current;  // for the report of a crash

void leave_input() {
  std::ofstream("fuzz-input", std::ios::binary) << current;
  std::fputs("the input is in ./fuzz-input\n", stderr);
}

}  // namespace

int main(int count, char** arguments) {
  double seconds = 1.0;
  std::uint64_t seed = 1;
  std::vector<std::string> corpus;
  for (const std::string_view text : stack::fuzz::seeds()) corpus.emplace_back(text);
  for (int i = 1; i < count; ++i) {
    if (std::strcmp(arguments[i], "--seconds") == 0 && i + 1 < count) {
      seconds = std::atof(arguments[++i]);
    } else if (std::strcmp(arguments[i], "--seed") == 0 && i + 1 < count) {
      seed = std::strtoull(arguments[++i], nullptr, 10);
    } else {
      std::ifstream file(arguments[i], std::ios::binary);
      corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
  }
  std::set_terminate([] {
    leave_input();
    std::abort();
  });
  std::signal(SIGABRT, [](int) { leave_input(); });
  for (const std::string& input : corpus) run(current = input);
  Random random(seed);
  std::uint64_t runs = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < end) {
    current = corpus[below(random, corpus.size())];
    for (std::size_t changes = 1 + below(random, 6); changes > 0; --changes)
      mutate(current, corpus[below(random, corpus.size())], random);
    run(current);
    ++runs;
    if (random() % 64 == 0) {  // keep some of what it made, to go on from
      if (corpus.size() < 256)
        corpus.push_back(current);
      else
        corpus[stack::fuzz::seeds().size() + below(random, 256 - stack::fuzz::seeds().size())] = current;
    }
  }
  std::printf("%llu inputs\n", static_cast<unsigned long long>(runs));
  return 0;
}
