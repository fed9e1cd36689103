#include "infer/tiled/partial_folder.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "infer/volume/volume_output.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

const char* const kFingerprint = "fingerprint.json";
const char* const kComplete = "complete.json";
const char* const kDoor = "door";  // whose claim lets processes come and leave one by one

// Returns null if the file is missing or not JSON.
Json json_in(const fs::path& path) {
  const auto text = read_file_if_any(path, "a file", ExitCode::kFailed);
  const Json json = Json::parse(text.value_or(""), nullptr, false);
  return json.is_discarded() ? Json() : json;
}

bool is_written_here(const std::string& name) {
  return name == kFingerprint || name == kComplete || SlabFiles::is_its_file(name) ||
         Claims::is_its_file(name) || Attendance::is_its_file(name);
}

fs::path partial_path(const OutputFile& output) {
  fs::path path = output.path;
  return path += ".partial";
}

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator(folder, gone))
    names.insert(entry.path().filename().string());
  return names;
}

std::optional<fs::file_time_type> written_at(const fs::path& file) {
  std::error_code missing;
  const auto time = fs::last_write_time(file, missing);
  if (missing) return std::nullopt;
  return time;
}

// Returns the first key in which two runs differ.
std::string difference(const Json& a, const Json& b) {
  for (const auto& [key, value] : a.items())
    if (!b.contains(key) || b.at(key) != value) return key;
  return "inputs";
}

}  // namespace

PartialFolder::PartialFolder(const OutputFile& output, const Json& fingerprint,
                             const PartialUse& use)
    : output_(output),
      output_before_(written_at(output.path)),
      path_(partial_path(output)),
      removed_(path_),
      attendance_(std::make_unique<Attendance>(path_)),
      claims_(path_, *attendance_),
      files_(path_) {
  for (const std::size_t depths : use.depths) states_.emplace_back(depths, SlabState::kFree);
  try {
    take_up(fingerprint, use);
  } catch (...) {
    leave();
    throw;
  }
}

PartialFolder::~PartialFolder() { leave(); }

bool PartialFolder::is_used_for(const OutputFile& output) {
  std::error_code unknown;
  return fs::exists(partial_path(output) / kFingerprint, unknown);
}

void PartialFolder::clear(const OutputFile& output) {
  const fs::path path = partial_path(output);
  if (!fs::exists(path)) return;
  {
    const Attendance attendance(path);
    const Claims claims(path, attendance);
    const auto door = claims.wait_for(kDoor);
    const bool is_left = !attendance.is_any_other_alive();
    for (const std::string& name : is_left ? names_in(path) : std::set<std::string>())
      if (is_written_here(name) && path / name != door->file() && !Attendance::is_its_file(name))
        fs::remove(path / name);
    for (const fs::path& file : attendance.left_behind()) fs::remove(file);
  }
  std::error_code ignored;  // other files stay
  fs::remove(path, ignored);
}

void PartialFolder::take_up(const Json& fingerprint, const PartialUse& use) {
  const auto door = claims_.wait_for(kDoor);
  const Json found = json_in(path_ / kFingerprint);
  // The others may have completed the output while this process began.
  const bool is_ended = found == fingerprint && attendance_->is_newer(path_ / kComplete);
  if (is_ended || (!found.is_null() && attendance_->has_any_other_joined()))
    return join(found, fingerprint, use);
  CommandFiles files;
  add_output(files, output_, "output");
  files.check();
  if (found.is_null() && holds_other_files())
    throw Error(ExitCode::kFailed, path_.string() +
                                       ": expected what an interrupted run left, found a folder "
                                       "that holds something else; choose another --output");
  const std::set<std::string> names = names_in(path_);
  const bool is_same = found == fingerprint && !names.contains(kComplete);
  was_of_another_run_ =
      found != fingerprint && std::ranges::any_of(names, SlabFiles::is_finished_slab);
  if (is_same && use.is_shared) {
    files_.convert_earlier(use.depths);
    files_.read_records(names_in(path_));
    files_.check_files();
  }
  const bool is_begun = !is_same || !use.is_shared;
  remove_files(is_begun, *door);
  if (is_begun) write_file_atomically(path_ / kFingerprint, json_text(fingerprint, 1));
  attendance_->join();
}

// An output that is in place by now is that of the processes.
void PartialFolder::join(const Json& found, const Json& wanted, const PartialUse& use) const {
  if (found == wanted && use.is_shared) return attendance_->join();
  const std::string why =
      found == wanted ? "which takes one process with --target"
                      : "from other inputs or options ('" + difference(wanted, found) + "')";
  throw Error(ExitCode::kFailed, path_.string() + ": another process is predicting this output, " +
                                     why +
                                     "; wait for its end, or choose another file with --output");
}

bool PartialFolder::holds_other_files() const {
  return !std::ranges::all_of(names_in(path_), is_written_here);
}

// Leaves alone what others have put into the folder. Call it while nobody else is there.
void PartialFolder::remove_files(bool is_all, const Claim& door) const {
  for (const std::string& name : names_in(path_)) {
    const bool is_left = Claims::is_its_file(name) && path_ / name != door.file();
    const bool is_old = SlabFiles::is_its_file(name) && (is_all || !files_.is_needed(name));
    if (is_left || is_old || (is_all && (name == kFingerprint || name == kComplete)))
      fs::remove(path_ / name);
  }
  for (const fs::path& file : attendance_->left_behind()) fs::remove(file);
}

void PartialFolder::look() {
  const std::set<std::string> names = names_in(path_);
  is_complete_ = is_complete_ || names.contains(kComplete) || was_completed();
  if (is_complete_) return;
  if (!names.contains(kFingerprint))
    throw Error(ExitCode::kFailed, path_.string() +
                                       ": was removed while this process was "
                                       "predicting; what it has finished is lost");
  files_.read_records(names);
  const std::set<std::string> held = claims_.held();
  for (std::size_t volume = 0; volume < states_.size(); ++volume)
    for (std::size_t depth = 0; depth < states_[volume].size(); ++depth) {
      const SlabNumber slab{volume, depth};
      states_[volume][depth] = files_.records().contains(slab)          ? SlabState::kDone
                               : held.contains(slab_name("slab", slab)) ? SlabState::kTaken
                               : files_.has_sums(slab, names)           ? SlabState::kReady
                                                                        : SlabState::kFree;
    }
}

// Others may finish without a process that they took for ended.
bool PartialFolder::was_completed() const {
  if (fs::exists(path_ / kFingerprint)) return false;
  const auto written = written_at(output_.path);
  return written && written != output_before_;
}

std::string PartialFolder::writer() const {
  const Json json = json_in(path_ / kComplete);
  return json.is_object() ? json.value("process", "") : "";
}

std::unique_ptr<Claim> PartialFolder::claim(SlabNumber slab) {
  auto claim = claims_.claim(slab_name("slab", slab));
  if (claim && fs::exists(path_ / slab_name("done", slab))) {
    files_.read_records({slab_name("done", slab)});
    if (files_.records().contains(slab)) return nullptr;
  }
  return claim;
}

void PartialFolder::complete() {
  write_file_atomically(path_ / kComplete, json_text({{"process", self().str()}}));
  is_complete_ = true;
  for (const std::string& name : names_in(path_))
    if (SlabFiles::is_its_file(name)) fs::remove(path_ / name);
}

// The last one removes what is of no use any more.
void PartialFolder::leave() {
  try {
    const auto door = claims_.wait_for(kDoor);
    const std::set<std::string> names = names_in(path_);
    const bool is_useful =
        !names.contains(kComplete) && std::ranges::any_of(names, SlabFiles::is_finished_slab);
    if (!is_useful && !attendance_->is_any_other_alive() && names.contains(kFingerprint))
      remove_files(true, *door);
    attendance_.reset();  // before the next one passes the door, which else would count on this one
  } catch (const std::exception&) {  // the next run does it
  }
  attendance_.reset();
  std::error_code ignored;  // other files stay
  fs::remove(path_, ignored);
}

}  // namespace lucid
