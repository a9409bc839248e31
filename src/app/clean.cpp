// stack clean [ID]: what runs have left under ./stack-lake and on the broker; --yes removes it.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "app/broker_lease.hpp"
#include "app/command.hpp"
#include "app/json_object.hpp"
#include "app/lake_location.hpp"
#include "app/progress.hpp"
#include "app/run_record.hpp"
#include "kafka/admin.hpp"
#include "lake/folder_store.hpp"

namespace stack::app {
namespace {
namespace fs = std::filesystem;

struct Leftover {
  std::string id;
  fs::path folder;
  std::vector<RunRecord> topics;  // that its runs made
  std::uint64_t bytes = 0;
  std::uint64_t files = 0;
};

Result<Leftover> measure(const fs::path& folder) {
  Leftover leftover;
  leftover.id = folder.filename().string();
  leftover.folder = folder;
  STACK_TRY_ASSIGN(store, lake::FolderStore::open(folder, lake::FolderStore::IfMissing::refuse));
  STACK_TRY_ASSIGN(runs, recorded_runs(*store));
  for (auto& run : runs)
    if (run.made_topic) leftover.topics.push_back(std::move(run));
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator{folder, ignored}) {
    if (!entry.is_regular_file(ignored)) continue;
    leftover.bytes += entry.file_size(ignored);
    ++leftover.files;
  }
  return leftover;
}

// Only folders that are a lake of ours: a mistaken ID must not take anything else.
Result<std::vector<Leftover>> leftovers(const std::string& only) {
  std::vector<Leftover> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator{fs::path{kLakesFolder}, ignored}) {
    const bool lake =
        entry.is_directory(ignored) && !entry.is_symlink(ignored) && fs::is_directory(entry.path() / "_stack", ignored);
    if (!lake || (!only.empty() && entry.path().filename() != only)) continue;
    STACK_TRY_ASSIGN(leftover, measure(entry.path()));
    found.push_back(std::move(leftover));
  }
  std::ranges::sort(found, {}, &Leftover::id);
  return found;
}

// A topic of the same name that is another one, on another cluster or made anew, stays.
Result<void> remove_topics(const Leftover& leftover, kafka::Admin& admin, Progress& progress) {
  for (const auto& run : leftover.topics) {
    STACK_TRY_ASSIGN(topic, admin.topic(run.topic));
    if (topic && topic->id == run.topic_id) {
      STACK_TRY(admin.delete_topic(run.topic));
    } else if (topic) {
      progress.say(
          fmt::format("topic {} is not the one that {} was made from: it stays", run.topic, leftover.folder.string()));
    }
  }
  return {};
}

Result<void> remove_folder(const Leftover& leftover) {
  std::error_code error;
  fs::remove_all(leftover.folder, error);
  if (error)
    return fail(ErrorKind::storage, fmt::format("{}: cannot be removed ({}); check its permissions",
                                                leftover.folder.string(), error.message()));
  return {};
}

Result<void> remove(const std::vector<Leftover>& found, const Context& context, Progress& progress) {
  // No broker is started for lakes whose topics are not a run's.
  if (std::ranges::any_of(found, [](const Leftover& leftover) { return !leftover.topics.empty(); })) {
    STACK_TRY_ASSIGN(lease, BrokerLease::take(context, progress, IfDown::start));
    STACK_TRY_ASSIGN(admin, kafka::Admin::connect(lease.connection(), &context.stop));
    for (const auto& leftover : found) STACK_TRY(remove_topics(leftover, admin, progress));
  }
  for (const auto& leftover : found) STACK_TRY(remove_folder(leftover));
  return {};
}

std::string as_json(const Leftover& leftover, bool removed) {
  std::string topics;
  for (const auto& run : leftover.topics) topics += (topics.empty() ? "" : ",") + lake::json_string(run.topic);
  return JsonObject{}
      .text("id", leftover.id)
      .text("lake", leftover.folder.string())
      .raw("topics", fmt::format("[{}]", topics))
      .number("files", leftover.files)
      .number("bytes", leftover.bytes)
      .number("removed", removed)
      .str();
}

std::string as_line(const Leftover& leftover, bool removed) {
  std::string topics;
  for (const auto& run : leftover.topics) topics += fmt::format(", topic {}", run.topic);
  return fmt::format("{}{}: {} files, {}{}", removed ? "removed " : "", leftover.folder.string(),
                     with_commas(leftover.files), human_bytes(static_cast<double>(leftover.bytes)),
                     topics.empty() ? ", no topic of a run's" : topics);
}

}  // namespace

Result<int> clean_command(Context& context) {
  Progress progress{context.settings};
  const std::string only = context.arguments.empty() ? std::string{} : context.arguments.front();
  STACK_TRY_ASSIGN(found, leftovers(only));
  if (found.empty() && !only.empty())
    return fail(ErrorKind::usage,
                fmt::format("{}/{}: there is no such lake; `stack clean` lists them", kLakesFolder, only));
  const bool removing = context.settings.flag("yes");
  if (removing) STACK_TRY(remove(found, context, progress));
  std::string objects;
  for (const auto& leftover : found) {
    objects += (objects.empty() ? "" : ",") + as_json(leftover, removing);
    if (!context.settings.flag("json")) fmt::print("{}\n", as_line(leftover, removing));
  }
  if (context.settings.flag("json")) fmt::print("{{\"lakes\":[{}]}}\n", objects);
  if (found.empty()) progress.say(fmt::format("nothing under ./{}", kLakesFolder));
  if (!found.empty() && !removing) progress.say("to remove: stack clean ID --yes (or without ID: all)");
  return 0;
}

}  // namespace stack::app
