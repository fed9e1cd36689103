#include "train/run_folder.h"

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
  for (const fs::path& file :
       {config(), log(), metrics(), table(), last_checkpoint(), best_checkpoint()})
    if (fs::exists(file)) return true;
  return false;
}

void RunFolder::create() const {
  try {
    fs::create_directories(last_checkpoint().parent_path());
    for (const fs::path& file :
         {config(), log(), metrics(), table(), last_checkpoint(), best_checkpoint()})
      fs::remove(file);
  } catch (const fs::filesystem_error& error) {
    throw Error(ExitCode::kFailed,
                path_.string() + ": the run's folder cannot be made: " + error.code().message());
  }
}

void RunFolder::write_config(const Json& json) const {
  write_file_atomically(config(), json_text(json, 2) + "\n");
}

}  // namespace lucid
