#include "train/report/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>

#include "base/file.h"

namespace lucid {

namespace fs = std::filesystem;

namespace {

// What killed processes left; nobody else writes to a folder that is locked.
void remove_unfinished(const fs::path& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.path().filename().string().find(".unfinished-") != std::string::npos)
      fs::remove(entry.path(), ignored);
}

}  // namespace

RunLock::RunLock(const fs::path& folder)
    : folder_(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (folder_ >= 0 && flock(folder_, LOCK_EX | LOCK_NB) == 0) {
    remove_unfinished(folder);
    remove_unfinished(folder / "checkpoints");
    return;
  }
  if (folder_ < 0 || errno != EWOULDBLOCK) return;
  close(folder_);
  throw Error(ExitCode::kFailed, folder.string() +
                                     ": another process is training this run; wait for its end, or "
                                     "choose another folder with --output");
}

RunLock::~RunLock() {
  if (folder_ >= 0) close(folder_);
}

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
    if (fs::exists(file)) return true;
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
  guarded([&] { fs::create_directories(path_); });
  return RunLock(path_);
}

void RunFolder::create() const {
  guarded([&] {
    fs::create_directories(last_checkpoint().parent_path());
    for (const fs::path& file : files()) fs::remove(file);
  });
}

void RunFolder::write_config(const Json& json) const {
  write_file_atomically(config(), json_text(json, 2) + "\n");
}

}  // namespace lucid
