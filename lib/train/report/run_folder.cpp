#include "train/report/run_folder.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/file.h"

namespace lucid {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kEventFile = "events.out.tfevents.";

// Returns the time in the name of a file of events.
std::int64_t time_of(const fs::path& file) {
  return std::strtoll(file.filename().string().c_str() + kEventFile.size(), nullptr, 10);
}

constexpr auto kEpochPrefix = "epoch_";

// Removes the pictures of a folder, and the folder if nothing else is in it.
void remove_pictures(const fs::path& folder) {
  std::error_code ignored;
  std::vector<fs::path> pictures;
  for (fs::directory_iterator at(folder, ignored), end; at != end; at.increment(ignored))
    if (at->path().extension() == ".png") pictures.push_back(at->path());
  for (const fs::path& picture : pictures) fs::remove(picture);
  if (fs::is_directory(folder, ignored) && fs::is_empty(folder)) fs::remove(folder);
}

// Removes what is left of pictures that were being written when a process was killed.
void remove_leftover_pictures(const fs::path& previews) {
  constexpr std::string_view kPicture = ".png";
  std::error_code ignored;  // leftovers do no harm
  std::vector<fs::path> pictures;
  for (fs::recursive_directory_iterator at(previews, ignored), end; at != end;
       at.increment(ignored)) {
    const std::string path = at->path().string();
    const std::size_t suffix = path.rfind(kPicture);
    if (suffix != std::string::npos && suffix + kPicture.size() < path.size())
      pictures.emplace_back(path.substr(0, suffix + kPicture.size()));
  }
  for (const fs::path& picture : pictures) remove_leftovers(picture);
}

// Returns the epoch that a folder of pictures is of, or nothing for another name.
std::optional<std::int64_t> epoch_of(const fs::path& folder) {
  const std::string name = folder.filename().string();
  if (!name.starts_with(kEpochPrefix)) return std::nullopt;
  const std::string number = name.substr(std::string_view(kEpochPrefix).size());
  const bool is_number = !number.empty() && number.size() < 18 &&
                         number.find_first_not_of("0123456789") == std::string::npos;
  return is_number ? std::optional(std::stoll(number)) : std::nullopt;
}

// Returns the epoch that cases.json tells of; one that cannot be read is as good as from the end.
std::int64_t epoch_of_cases(const fs::path& file) {
  const Json json = Json::parse(read_file(file, "the cases of a run", ExitCode::kFailed), nullptr,
                                /*allow_exceptions=*/false);
  const bool is_told =
      json.is_object() && json.contains("epoch") && json["epoch"].is_number_integer();
  return is_told ? json["epoch"].get<std::int64_t>() : std::numeric_limits<std::int64_t>::max();
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
  remove_leftover_pictures(previews());
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
  remove_cases_after(0);
}

void RunFolder::remove_cases_after(std::int64_t epoch) const {
  guarded([&] {
    const bool has_cases = kind_of(cases()) == FileKind::kFile;
    if (has_cases && epoch_of_cases(cases()) > epoch) fs::remove(cases());
    if (kind_of(cases()) == FileKind::kMissing) remove_pictures(best_previews());
    if (kind_of(previews()) != FileKind::kFolder) return;
    std::vector<fs::path> later;
    for (const fs::directory_entry& entry : fs::directory_iterator(previews()))
      if (epoch_of(entry.path()).value_or(0) > epoch) later.push_back(entry.path());
    for (const fs::path& folder : later) remove_pictures(folder);
    if (fs::is_empty(previews())) fs::remove(previews());
  });
}

void RunFolder::remove_best_previews() const {
  guarded([&] { remove_pictures(best_previews()); });
}

fs::path RunFolder::previews_of(std::int64_t epoch) const {
  std::string number = std::to_string(epoch);
  number.insert(0, number.size() < 4 ? 4 - number.size() : 0, '0');
  return previews() / (kEpochPrefix + number);
}

fs::path RunFolder::imported() const {
  fs::path folder = path_.lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();  // "a/b/"
  const bool has_name = folder != "." && folder.filename() != "..";
  return (has_name ? folder : fs::absolute(folder).lexically_normal()).parent_path() / kImported;
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
