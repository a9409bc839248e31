// What a range brought into the lake, told to whoever asks the sink for it, such as a catalog, which the lake does not
// know. Thread-safety: values; an observer is called by the writing threads, several at once, and must not wait.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace stack::lake {

class DeadLetterCopy;
class TopicGuard;

// A file of rows.
struct LandedFile {
  // Of an NDJSON file: whether all its rows are ticks in the event contract's form, so that its columns are known.
  enum class Ticks : std::uint8_t { unknown, plain, quoted };
  std::string key;
  std::uint64_t rows = 0;
  Ticks ticks = Ticks::unknown;
};

struct Landing {
  std::vector<LandedFile> files;
};

using OnLanded = std::function<void(Landing)>;

// Who takes part in a range's landing besides the store.
struct LandingObserver {
  DeadLetterCopy* dead_letter_copy = nullptr;  // what has to be acknowledged before the files are complete
  OnLanded landed = {};                        // called once they are
  TopicGuard* topic = nullptr;                 // that has to be the one that was read
};

}  // namespace stack::lake
