// stack clean [ID]: what runs have left under ./stack-lake, or in a lake in S3, and on the broker; --yes removes it.
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
#include "core/parallel.hpp"
#include "kafka/admin.hpp"
#include "lake/folder_store.hpp"
#include "lake/lake_layout.hpp"

namespace stack::app {
namespace {
namespace fs = std::filesystem;

struct Leftover {
  std::string id;
  std::string place;                         // as users name it
  fs::path folder;                           // none of a lake in S3
  std::unique_ptr<lake::ObjectStore> store;  // none of a folder
  std::vector<std::string> keys;             // in the store, that are the lake's own
  std::vector<RunRecord> topics;             // that its runs made
  std::uint64_t bytes = 0;
  std::uint64_t files = 0;
};

Result<Leftover> measure(const fs::path& folder) {
  Leftover leftover;
  leftover.id = folder.filename().string();
  leftover.place = folder.string();
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

// What a sink, a crawl or a run has written. A bucket may hold more than a lake.
bool is_ours(std::string_view key, const std::vector<RunRecord>& runs) {
  if (key.starts_with("_stack/") || lake::parse_file_key(key)) return true;
  const auto name = key.substr(key.rfind('/') + 1);
  return std::ranges::any_of(runs, [&](const RunRecord& run) { return name == run.feed + ".ndjson"; });
}

Result<Leftover> measure_store(const Context& context, const std::string& uri) {
  Leftover leftover;
  leftover.id = uri;
  leftover.place = uri;
  STACK_TRY_ASSIGN(store, open_lake(context.settings, uri, LakeUse::read, context.clock));
  STACK_TRY_ASSIGN(objects, store->list(""));
  STACK_TRY_ASSIGN(runs, recorded_runs(*store));
  for (const auto& object : objects) {
    if (!is_ours(object.key, runs)) continue;
    leftover.keys.push_back(object.key);
    leftover.bytes += object.size;
    ++leftover.files;
  }
  if (std::ranges::none_of(leftover.keys, [](const std::string& key) { return key.starts_with("_stack/"); }))
    return fail(ErrorKind::usage, fmt::format("there is no lake at {}: check --lake", uri));
  for (auto& run : runs)
    if (run.made_topic) leftover.topics.push_back(std::move(run));
  leftover.store = std::move(store);
  return leftover;
}

// Rows before _stack: what is left by a removal that is cut off is still known for a lake.
Result<void> remove_objects(const Leftover& leftover) {
  for (const bool state : {false, true}) {
    std::vector<std::string> keys;
    for (const auto& key : leftover.keys)
      if (key.starts_with("_stack/") == state) keys.push_back(key);
    std::vector<Result<void>> removed(keys.size());
    constexpr std::size_t kAtOnce = 16;
    for_each_index(
        keys.size(), [&](std::size_t i) { removed[i] = leftover.store->remove(keys[i]); }, kAtOnce);
    for (auto& one : removed) STACK_TRY(std::move(one));
  }
  STACK_TRY(leftover.store->sweep_stale_uploads());
  return {};
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
      progress.say(fmt::format("topic {} is not the one that {} was made from: it stays", run.topic, leftover.place));
    }
  }
  return {};
}

Result<void> remove_lake(const Leftover& leftover) {
  if (leftover.store) return remove_objects(leftover);
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
  for (const auto& leftover : found) STACK_TRY(remove_lake(leftover));
  return {};
}

std::string as_json(const Leftover& leftover, bool removed) {
  std::string topics;
  for (const auto& run : leftover.topics) topics += (topics.empty() ? "" : ",") + lake::json_string(run.topic);
  return JsonObject{}
      .text("id", leftover.id)
      .text("lake", leftover.place)
      .raw("topics", fmt::format("[{}]", topics))
      .number("files", leftover.files)
      .number("bytes", leftover.bytes)
      .number("removed", removed)
      .str();
}

std::string as_line(const Leftover& leftover, bool removed) {
  std::string topics;
  for (const auto& run : leftover.topics) topics += fmt::format(", topic {}", run.topic);
  return fmt::format("{}{}: {} files, {}{}", removed ? "removed " : "", leftover.place, with_commas(leftover.files),
                     human_bytes(static_cast<double>(leftover.bytes)),
                     topics.empty() ? ", no topic of a run's" : topics);
}

}  // namespace

Result<int> clean_command(Context& context) {
  Progress progress{context.settings};
  const std::string only = context.arguments.empty() ? std::string{} : context.arguments.front();
  // A lake that only the environment names is not one to remove.
  const std::string uri = context.settings.on_command_line("lake") ? context.settings.text("lake") : std::string{};
  const bool in_s3 = uri.starts_with("s3://");
  if (!uri.empty() && (!in_s3 || !only.empty()))
    return fail(ErrorKind::usage, "clean: a lake under ./stack-lake is named by its ID, one in S3 by --lake s3://…");
  std::vector<Leftover> found;
  if (in_s3) {
    STACK_TRY_ASSIGN(leftover, measure_store(context, uri));
    found.push_back(std::move(leftover));
  } else {
    STACK_TRY_ASSIGN(here, leftovers(only));
    found = std::move(here);
  }
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
  if (!found.empty() && !removing)
    progress.say(in_s3 ? fmt::format("to remove: stack clean --lake {} --yes", uri)
                       : "to remove: stack clean ID --yes (or without ID: all)");
  return 0;
}

}  // namespace stack::app
