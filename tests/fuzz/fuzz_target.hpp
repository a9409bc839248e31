// What a fuzz target provides: libFuzzer's entry and, for fuzz_main.cpp, texts to start from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace stack::fuzz {

[[nodiscard]] std::span<const std::string_view> seeds();

}  // namespace stack::fuzz
