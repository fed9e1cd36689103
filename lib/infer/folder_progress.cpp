#include "infer/folder_progress.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "infer/processes/content.h"
#include "infer/tiled/fingerprint.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

const char* const kList = "lucid-infer.json";
const char* const kPartial = "lucid-infer.partial";
const char* const kDoor = "door";  // whose claim lets processes leave one by one
const char* const kListing = "list";
const std::string kBegun = "begun-", kFile = "file-";

Json text_of(const fs::path& path) { return path.string(); }
std::string name_of(const InferOptions& run) { return run.output.filename().string(); }

// Returns null if the file is missing or not JSON.
Json json_in(const fs::path& path) {
  const auto text = read_file_if_any(path, "a file", ExitCode::kFailed);
  const Json json = Json::parse(text.value_or(""), nullptr, false);
  return json.is_discarded() ? Json() : json;
}

Json member(const Json& object, const std::string& key) {
  return object.is_object() && object.contains(key) ? object.at(key) : Json();
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator(folder, gone)) files.push_back(entry.path());
  return files;
}

}  // namespace

fs::path FolderProgress::list_in(const fs::path& folder) { return folder / kList; }
fs::path FolderProgress::partial_in(const fs::path& folder) { return folder / kPartial; }

FolderProgress::FolderProgress(const fs::path& folder, const std::vector<InferOptions>& runs)
    : folder_(folder),
      path_(partial_in(folder)),
      removed_(path_),
      attendance_(std::make_unique<Attendance>(path_)),
      claims_(path_, *attendance_) {
  try {
    list_ = list();
    const Json checkpoints = of_checkpoints(runs.front(), content_identity);
    for (const InferOptions& run : runs)
      fingerprints_[name_of(run)] = fingerprint_of_input(run, checkpoints, run.inputs.front());
    for (const InferOptions& run : runs)
      if (!run.may_overwrite && state(run) == State::kForeign)
        throw Error(ExitCode::kUsage, run.output.string() + ": exists; --overwrite replaces it");
  } catch (...) {
    leave();
    throw;
  }
}

FolderProgress::~FolderProgress() { leave(); }

Json FolderProgress::list() const {
  const fs::path path = list_in(folder_);
  if (kind_of(path) == FileKind::kMissing) return {{"predictions", Json::object()}};
  const Json list = json_in(path);
  if (member(list, "predictions").is_object()) return list;
  throw Error(ExitCode::kUsage, path.string() +
                                    ": expected the list of predictions that lucid-infer writes, "
                                    "found something else; choose another folder for --output");
}

fs::path FolderProgress::begun_path(const std::string& name) const {
  return path_ / (kBegun + name);
}

Json FolderProgress::begun(const std::string& name) const { return json_in(begun_path(name)); }

bool FolderProgress::is_complete(const InferOptions& run) { return state(run) == State::kComplete; }

// The list is read again where another process may have written it.
FolderProgress::State FolderProgress::state(const InferOptions& run) {
  if (complete_.contains(name_of(run))) return State::kComplete;
  State found = look(run);
  if (found == State::kForeign) {
    list_ = list();
    found = look(run);
  }
  if (found == State::kComplete) complete_.insert(name_of(run));
  return found;
}

// Who tells of an output writes the list before the record of the beginning goes.
FolderProgress::State FolderProgress::look(const InferOptions& run) {
  const std::string name = name_of(run);
  const Json& wanted = fingerprints_.at(name);
  const Json before = begun(name), known = member(list_.at("predictions"), name);
  if (kind_of(run.output) == FileKind::kMissing) return State::kMissing;
  const bool is_known = member(known, "made_from") == wanted,
             is_begun = member(before, "made_from") == wanted;
  if (!is_known && !is_begun) return State::kForeign;
  const Json content = content_identity(run.output);
  if (is_known && member(known, "content") == content) return State::kComplete;
  return is_begun && member(before, "replaces") != content ? State::kUntold : State::kForeign;
}

std::unique_ptr<Claim> FolderProgress::claim(const InferOptions& run) {
  const std::string name = name_of(run);
  auto claim = claims_.claim(kFile + name);
  if (!claim) {
    const Json other = member(begun(name), "made_from");
    if (!other.is_null() && other != fingerprints_.at(name))
      throw Error(ExitCode::kFailed,
                  run.output.string() +
                      ": another process is predicting this output, from other inputs or options; "
                      "wait for its end, or choose another folder with --output");
    return nullptr;
  }
  const State found = state(run);
  if (found == State::kUntold) complete(run);
  if (found == State::kComplete || found == State::kUntold) return nullptr;
  begin(run);
  return claim;
}

// What an interrupted run noted of an earlier file remains true.
void FolderProgress::begin(const InferOptions& run) {
  const std::string name = name_of(run);
  if (member(begun(name), "made_from") == fingerprints_.at(name)) return;
  const Json record{{"made_from", fingerprints_.at(name)},
                    {"replaces", content_identity(run.output)}};
  write_file_atomically(begun_path(name), json_text(record));
}

void FolderProgress::complete(const InferOptions& run) {
  const std::string name = name_of(run);
  const auto claim = claims_.wait_for(kListing);
  Json all = list();
  all["predictions"][name] = {{"input", run.inputs.front()},
                              {"checkpoint", of_checkpoints(run, text_of)},
                              {"content", content_identity(run.output)},
                              {"made_from", fingerprints_.at(name)}};
  write_file_atomically(list_in(folder_), json_text(all, 1) + "\n");
  fs::remove(begun_path(name));
  complete_.insert(name);
}

// The last one removes what is of no use any more.
void FolderProgress::leave() {
  try {
    const auto door = claims_.wait_for(kDoor);
    if (!attendance_->is_any_other_alive()) {
      for (const fs::path& file : files_in(path_)) {
        const std::string name = file.filename().string();
        const bool is_claim = Claims::is_its_file(name) && file != door->file();
        if (is_claim || name.find(".unfinished-") != std::string::npos) fs::remove(file);
      }
      for (const fs::path& file : attendance_->left_behind()) fs::remove(file);
    }
    attendance_.reset();  // before the next one passes the door, which else would count on this one
  } catch (const std::exception&) {  // the next run does it
  }
  attendance_.reset();
  std::error_code ignored;  // what has been begun stays
  fs::remove(path_, ignored);
}

}  // namespace lucid
