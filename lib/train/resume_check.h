#pragma once
// Private to this room.

#include <string>
#include <vector>

#include "train/run_facts.h"

namespace lucid {

// Compares a run with the session that goes on with it; `facts` are the session's facts_of().
class ResumeCheck {
 public:
  // All arguments must outlive it.
  ResumeCheck(const CheckpointFile& checkpoint, Session& session, const State& facts);

  // Throws Error(kUsage) unless the run's position means what it did: the sets have to be those
  // that it began with, unless the config names others, and within an epoch the batches that
  // follow, too.
  void check_position() const;

  // Returns a line for each thing that the user should know: other values in the sets, another
  // machine, a learning rate that jumps, nothing left to train. All but that a finished run goes on
  // begin with "warning: ".
  std::vector<std::string> notes(const Progress& progress) const;

 private:
  void check_within_epoch() const;
  void expect_equal(const std::string& key, const Json& was, const Json& is) const;
  bool is_named_otherwise(const std::string& set) const;
  std::string change_of(const std::string& set) const;
  [[noreturn]] void refuse(const std::string& what) const;

  void note_sets(std::vector<std::string>& notes) const;
  void note_machine(std::vector<std::string>& notes) const;
  void note_rate(const Progress& progress, std::vector<std::string>& notes) const;
  void note_end(const Progress& progress, std::vector<std::string>& notes) const;
  RunLength length_before(const Progress& progress) const;

  const CheckpointFile& checkpoint_;
  Session& session_;
  const State& facts_;
  const Json config_;        // of the checkpoint
  const TrainConfig train_;  // its "train" section
};

}  // namespace lucid
