// tick_file LINES OUTPUT none|gzip|zstd plain|quoted: a Parquet file of JSON lines that are ticks, for other programs
// to read.
#include <cstdio>
#include <string_view>

#include "lake/tick_parquet.hpp"

int main(int argc, char** argv) {
  using namespace stack::lake;
  if (argc != 5) return 2;
  const auto compression = parse_compression(argv[3]);
  if (!compression) return 2;
  const auto ticks = TickRows::read(argv[1], 0, std::string_view(argv[4]) == "quoted");
  const auto written = ticks ? write_tick_parquet(*ticks, *compression, argv[2]) : std::unexpected(ticks.error());
  if (written) return 0;
  std::fputs(written.error().message.c_str(), stderr);
  return 1;
}
