#include "runs/removal.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "base/file.h"
#include "base/folder_lock.h"
#include "base/text.h"
#include "train/report/run_folder.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

double seconds_since_written(const fs::path& file) {
  std::error_code error;
  const auto written = fs::last_write_time(file, error);
  if (error) return 0;
  return std::chrono::duration<double>(fs::file_time_type::clock::now() - written).count();
}

// Returns the folders of the best runs, so many of each monitored value. One without a value is
// behind all others.
std::set<fs::path> best_runs(const std::vector<Run>& runs, std::int64_t count) {
  std::map<std::string, std::vector<const Run*>> by_monitor;
  for (const Run& run : runs) by_monitor[run.monitor()].push_back(&run);
  std::set<fs::path> best;
  for (auto& [monitor, all] : by_monitor) {
    const double sign = all.front()->higher_is_better() ? -1 : 1;
    std::ranges::stable_sort(all, [&](const Run* a, const Run* b) {
      const auto x = a->best_value(), y = b->best_value();
      return x && (!y || sign * *x < sign * *y);
    });
    for (std::size_t i = 0; i < all.size() && static_cast<std::int64_t>(i) < count; ++i)
      best.insert(all[i]->folder);
  }
  return best;
}

// A run that was killed while it replaced a file leaves NAME.unfinished-PID.
std::string without_leftover_mark(const std::string& name) {
  return name.substr(0, name.find(".unfinished-"));
}

bool is_preview(const fs::path& file, const fs::path& folder) {
  const fs::path place = file.lexically_relative(folder);
  return *place.begin() == "previews" && file.extension() == ".png";
}

bool is_of_run(const fs::path& file, const RunFolder& run) {
  const fs::path named = file.parent_path() / without_leftover_mark(file.filename().string());
  const auto files = run.files(), events = run.event_files();
  return std::ranges::find(files, named) != files.end() ||
         std::ranges::find(events, named) != events.end() || is_preview(named, run.path());
}

// Links are entries of their own here, whatever they lead to.
void add_entries(const fs::path& folder, const RunFolder& run, Removal& removal) {
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(folder)) entries.push_back(entry.path());
  std::ranges::sort(entries, {}, &fs::path::native);
  for (const fs::path& entry : entries) {
    const fs::file_status status = fs::symlink_status(entry);
    const fs::path place = entry.lexically_relative(run.path());
    const bool is_ours = *place.begin() == "checkpoints" || *place.begin() == "previews";
    if (fs::is_directory(status) && is_ours) {
      add_entries(entry, run, removal);
    } else if (fs::is_regular_file(status) && is_of_run(entry, run)) {
      removal.files.push_back(entry);
      removal.bytes += fs::file_size(entry);
    } else {
      removal.others.push_back(entry);
    }
  }
}

// A slash behind a link would follow it.
Removal removal_at(const fs::path& named) {
  const fs::path folder = named.has_filename() ? named : named.parent_path();
  const FileKind kind = kind_of(folder);
  if (kind != FileKind::kFolder || fs::is_symlink(fs::symlink_status(folder)))
    throw Error(ExitCode::kUsage, folder.string() +
                                      ": expected the folder of a run, found a link; "
                                      "links are not followed");
  return {.folder = folder};
}

// Removes a folder of a run, and those in it, as far as they are empty.
void remove_empty(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::is_directory(fs::symlink_status(folder, ignored))) return;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) remove_empty(entry.path());
  fs::remove(folder, ignored);
}

}  // namespace

std::vector<Run> chosen_runs(std::vector<Run> runs, const RemovalChoice& choice) {
  const std::set<fs::path> kept = best_runs(runs, choice.keep_best.value_or(0));
  std::erase_if(runs, [&](const Run& run) {
    const bool is_wanted =
        choice.states.empty() || std::ranges::find(choice.states, run.state) != choice.states.end();
    const bool is_old =
        !choice.older_than_seconds ||
        seconds_since_written(RunFolder(run.folder).metrics()) > *choice.older_than_seconds;
    return run.state == "running" || !is_wanted || !is_old || kept.contains(run.folder);
  });
  return runs;
}

// What makes it a run goes last, so that a removal that was stopped can be done again.
Removal removal_of_run(const fs::path& folder) {
  Removal removal = removal_at(folder);
  const RunFolder run(removal.folder);
  add_entries(removal.folder, run, removal);
  std::stable_partition(removal.files.begin(), removal.files.end(), [&](const fs::path& file) {
    return file != run.metrics() && file != run.config();
  });
  return removal;
}

Removal removal_of_checkpoints(const fs::path& folder) {
  Removal removal = removal_at(folder);
  const RunFolder run(removal.folder);
  const auto is_plain = [](const fs::path& file) {
    return fs::is_regular_file(fs::symlink_status(file));
  };
  const fs::path last = run.last_checkpoint();
  if (!is_plain(run.best_checkpoint()) || !is_plain(last)) return removal;
  if (fs::is_symlink(fs::symlink_status(last.parent_path()))) return removal;
  removal.files.push_back(last);
  removal.bytes = fs::file_size(last);
  return removal;
}

void remove(const Removal& removal) {
  const FolderLock lock(removal.folder, {"the run's folder cannot be locked",
                                         "another process is training this run; it stays"});
  try {
    for (const fs::path& file : removal.files) fs::remove(file);
  } catch (const fs::filesystem_error& error) {
    throw Error(ExitCode::kFailed,
                error.path1().string() + ": cannot be removed: " + error.code().message());
  }
  remove_empty(removal.folder / "checkpoints");
  remove_empty(removal.folder / "previews");
  std::error_code is_not_empty;
  fs::remove(removal.folder, is_not_empty);
}

}  // namespace lucid
