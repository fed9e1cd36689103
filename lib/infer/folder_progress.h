#pragma once
// Private to this room.

#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "infer/predict/options.h"
#include "infer/processes/claims.h"

namespace lucid {

// What is done of the predictions of many inputs, each a file in one folder. lucid-infer.json there
// lists the files that are complete and what their bytes depend on. lucid-infer.partial holds what
// living processes have claimed, and what a process has begun, which may have been killed: a file
// of that name that was not there before is complete, as it appears as a whole.
class FolderProgress {
 public:
  // Joins the processes that predict into the folder, which must be there; `runs` are those of each
  // input. Throws Error(kUsage) if an output is there that is neither of such a run nor may be
  // replaced.
  FolderProgress(const std::filesystem::path& folder, const std::vector<InferOptions>& runs);
  ~FolderProgress();
  FolderProgress(const FolderProgress&) = delete;
  FolderProgress& operator=(const FolderProgress&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // True if the output is complete, by whomever.
  bool is_complete(const InferOptions& run);

  // Null if another process has it, or the output is complete. Throws Error(kFailed) if another
  // process predicts it from other inputs or with other options.
  std::unique_ptr<Claim> claim(const InferOptions& run);
  // Says that the output of a run is in place.
  void complete(const InferOptions& run);

  // The files that it writes into the folder.
  static std::filesystem::path list_in(const std::filesystem::path& folder);
  static std::filesystem::path partial_in(const std::filesystem::path& folder);

 private:
  enum class State { kMissing, kComplete, kUntold, kForeign };

  State state(const InferOptions& run);
  State look(const InferOptions& run);
  Json list() const;
  Json begun(const std::string& name) const;
  std::filesystem::path begun_path(const std::string& name) const;
  void begin(const InferOptions& run);
  void leave();

  std::filesystem::path folder_, path_;
  std::map<std::string, Json> fingerprints_;  // by the name of the output
  Json list_;                                 // as it was when it was read last
  std::set<std::string> complete_;
  RemovedAtSignal removed_;  // if it is empty
  std::unique_ptr<Attendance> attendance_;
  Claims claims_;
};

}  // namespace lucid
