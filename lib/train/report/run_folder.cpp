#include "train/report/run_folder.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "base/file.h"

namespace lucid {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kEventFile = "events.out.tfevents.";

// Returns the time in the name of a file of events.
std::int64_t time_of(const fs::path& file) {
  return std::strtoll(file.filename().string().c_str() + kEventFile.size(), nullptr, 10);
}

}  // namespace

RunFolder RunFolder::with_default_name(const std::string& name) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  std::array<char, 32> stamp{};
  std::strftime(stamp.data(), stamp.size(), "%Y%m%d-%H%M%S", &parts);
  const fs::path first = fs::path("runs") / (name + "-" + stamp.data());
  fs::path path = first;
  for (int count = 2; fs::exists(path); ++count)
    path = first.string() + "-" + std::to_string(count);
  return RunFolder(path);
}

bool RunFolder::holds_run() const {
  for (const fs::path& file : files())
    if (file != measured() && kind_of(file) != FileKind::kMissing) return true;
  return false;
}

template <class Work>
void RunFolder::guarded(const Work& work) const {
  try {
    work();
  } catch (const fs::filesystem_error& error) {
    throw Error(ExitCode::kFailed,
                path_.string() + ": the run's folder cannot be made: " + error.code().message());
  }
}

RunLock RunFolder::lock() const {
  for (const fs::path& file : files()) remove_leftovers(file);
  return RunLock(path_, {"the run's folder cannot be made",
                         "another process is training this run; wait for its end, or choose "
                         "another folder with --output"});
}

RunLock RunFolder::lock_existing() const {
  check_is_file(last_checkpoint(), "a checkpoint", ExitCode::kData);
  return lock();
}

void RunFolder::make() const {
  guarded([&] { fs::create_directories(last_checkpoint().parent_path()); });
}

void RunFolder::remove_earlier_run() const {
  guarded([&] {
    for (const fs::path& file : files())
      if (file != last_checkpoint() && file != measured()) fs::remove(file);
    for (const fs::path& file : event_files()) fs::remove(file);
  });
}

std::vector<fs::path> RunFolder::event_files() const {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator entry(path_, error), end; !error && entry != end;
       entry.increment(error))
    if (entry->path().filename().string().starts_with(kEventFile)) found.push_back(entry->path());
  std::ranges::sort(found, {}, &fs::path::native);
  return found;
}

// TensorBoard reads the files of a folder in the order of their names, so that the time in it must
// not go back.
fs::path RunFolder::next_event_file() const {
  std::int64_t time = std::time(nullptr);
  for (const fs::path& file : event_files()) time = std::max(time, time_of(file) + 1);
  std::array<char, 64> host{};
  gethostname(host.data(), host.size() - 1);
  std::array<char, 160> name{};
  std::snprintf(name.data(), name.size(), "%s%010lld.%s.%lld.0", kEventFile.data(),
                static_cast<long long>(time), host.data(), static_cast<long long>(getpid()));
  return path_ / name.data();
}

void RunFolder::create() const {
  make();
  remove_earlier_run();
  guarded([&] { fs::remove(last_checkpoint()); });
}

void RunFolder::write_config(const Json& json) const {
  write_file_atomically(config(), json_text(json, 2) + "\n");
}

}  // namespace lucid
