#include "train/report/run_folder.h"

#include <array>
#include <ctime>

#include "base/file.h"

namespace lucid {

namespace fs = std::filesystem;

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
    if (file != measured() && file != report() && kind_of(file) != FileKind::kMissing) return true;
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
  });
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
