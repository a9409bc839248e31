// stack clean [ID]: what runs have left under ./stack-lake and on the local broker; --yes removes it.
#include <fmt/format.h>

#include <filesystem>
#include <vector>

#include "app/broker_lease.hpp"
#include "app/command.hpp"
#include "app/json_object.hpp"
#include "app/lake_location.hpp"
#include "app/progress.hpp"
#include "kafka/admin.hpp"

namespace stack::app {
namespace {
namespace fs = std::filesystem;

struct Leftover {
  std::string id;
  fs::path folder;
  std::uint64_t bytes = 0;
  std::uint64_t files = 0;
};

Leftover measure(const fs::path& folder) {
  Leftover leftover{.id = folder.filename().string(), .folder = folder};
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator{folder, ignored}) {
    if (!entry.is_regular_file(ignored)) continue;
    leftover.bytes += entry.file_size(ignored);
    ++leftover.files;
  }
  return leftover;
}

// Only folders that are a lake of ours: a mistaken ID must not take anything else.
std::vector<Leftover> leftovers(const std::string& only) {
  std::vector<Leftover> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator{fs::path{kLakesFolder}, ignored}) {
    const bool lake =
        entry.is_directory(ignored) && !entry.is_symlink(ignored) && fs::is_directory(entry.path() / "_stack");
    if (lake && (only.empty() || entry.path().filename() == only)) found.push_back(measure(entry.path()));
  }
  return found;
}

Result<void> remove(const Leftover& leftover, kafka::Admin& admin) {
  STACK_TRY(admin.delete_topic("stock-events-" + leftover.id));
  std::error_code error;
  fs::remove_all(leftover.folder, error);
  if (error)
    return fail(ErrorKind::storage, fmt::format("{}: cannot be removed ({}); check its permissions",
                                                leftover.folder.string(), error.message()));
  return {};
}

}  // namespace

Result<int> clean_command(Context& context) {
  Progress progress{context.settings};
  const std::string only = context.arguments.empty() ? std::string{} : context.arguments.front();
  const auto found = leftovers(only);
  if (found.empty() && !only.empty())
    return fail(ErrorKind::usage,
                fmt::format("{}/{}: there is no such lake; `stack clean` lists them", kLakesFolder, only));
  const bool removing = context.settings.flag("yes");
  if (removing && !found.empty()) {
    STACK_TRY_ASSIGN(lease, BrokerLease::take(context, progress, IfDown::start));
    STACK_TRY_ASSIGN(admin, kafka::Admin::connect(lease.connection(), &context.stop));
    for (const auto& leftover : found) STACK_TRY(remove(leftover, admin));
  }
  std::string objects;
  for (const auto& leftover : found) {
    objects += (objects.empty() ? "" : ",") + JsonObject{}
                                                  .text("id", leftover.id)
                                                  .text("lake", leftover.folder.string())
                                                  .text("topic", "stock-events-" + leftover.id)
                                                  .number("files", leftover.files)
                                                  .number("bytes", leftover.bytes)
                                                  .number("removed", removing)
                                                  .str();
    if (!context.settings.flag("json"))
      fmt::print("{}{}: {} files, {}, topic stock-events-{}\n", removing ? "removed " : "", leftover.folder.string(),
                 with_commas(leftover.files), human_bytes(static_cast<double>(leftover.bytes)), leftover.id);
  }
  if (context.settings.flag("json")) fmt::print("{{\"lakes\":[{}]}}\n", objects);
  if (found.empty()) progress.say(fmt::format("nothing under ./{}", kLakesFolder));
  if (!found.empty() && !removing) progress.say("to remove: stack clean ID --yes (or without ID: all)");
  return 0;
}

}  // namespace stack::app
