#pragma once
// Private to this room.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "infer/processes/claims.h"
#include "infer/tiled/slab_files.h"

namespace lucid {

// How a run uses the folder: the depths of each of its volumes, and whether others may help. What
// was finished before is only of use to a run that shares it.
struct PartialUse {
  std::vector<std::size_t> depths;
  bool is_shared = true;
};

// The folder OUTPUT.partial holds what processes have finished of one output, so that any number of
// them can work on it at a time, and a later one goes on where they were interrupted: all with the
// same checkpoint, inputs and options. However a
// process ends, the folder is in the state of its last commit. Claims only keep two processes from
// doing the same: if they do nevertheless, they write the same. Nothing in the folder is believed
// without its checksum.
class PartialFolder {
 public:
  // Joins the processes that predict the output. Where there are none, deletes what a run with
  // another fingerprint left, and damaged files. Throws Error(kFailed) if processes predict it with
  // another fingerprint, and Error if the output is in place already.
  PartialFolder(const OutputFile& output, const Json& fingerprint, const PartialUse& use);
  ~PartialFolder();
  PartialFolder(const PartialFolder&) = delete;
  PartialFolder& operator=(const PartialFolder&) = delete;

  // True if there is a prediction under way, which may put the output in place any moment.
  static bool is_used_for(const OutputFile& output);

  // Removes what a process left that was killed when the output was in place. Leaves alone the
  // folder of processes that are at work.
  static void clear(const OutputFile& output);

  const std::filesystem::path& path() const { return path_; }
  const RunningProcess& self() const { return attendance_->self(); }
  bool was_of_another_run() const { return was_of_another_run_; }
  // Looks what all processes have done by now. Throws Error(kFailed) if someone removed the folder.
  void look();
  const SlabStates& states() const { return states_; }  // as look() found them
  bool is_complete() const { return is_complete_; }
  // Whether others have put the output in place and removed the folder.
  bool was_completed() const;
  // The process that wrote the output, once it is complete; empty if unknown.
  std::string writer() const;

  // Null if another process has it, or has finished it.
  std::unique_ptr<Claim> claim(SlabNumber slab);
  std::unique_ptr<Claim> claim_output() const { return claims_.claim("output"); }

  // The finished slabs, as look() found them. A slab counts once it is committed here.
  SlabFiles& files() { return files_; }
  const SlabFiles& files() const { return files_; }

  // Tells the others that the output is in place, and removes what the runs have written.
  void complete();

 private:
  void take_up(const Json& fingerprint, const PartialUse& use);
  void join(const Json& found, const Json& wanted, const PartialUse& use) const;
  bool holds_other_files() const;
  void remove_files(bool is_all, const Claim& door) const;
  void leave();

  OutputFile output_;
  std::optional<std::filesystem::file_time_type> output_before_;
  std::filesystem::path path_;
  RemovedAtSignal removed_;  // if it is empty
  std::unique_ptr<Attendance> attendance_;
  Claims claims_;
  SlabFiles files_;
  SlabStates states_;
  bool is_complete_ = false, was_of_another_run_ = false;
};

}  // namespace lucid
