#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/temp_dir.h"
#include "train/config/resume.h"
#include "train/trainer.h"

namespace lucid::test {

// The contents of write_set(): noise around a level that depends on the class.
struct SetSpec {
  Shape volume{1, 6, 6, 6};
  std::int64_t count = 12, classes = 3;
  std::uint64_t seed = 1;
};

// /volumes (N, C, D, H, W) float32, /labels (N) uint8, /voxels (N, D, H, W) uint8, /values (N, 2)
// float32.
void write_set(const std::filesystem::path& file, const SetSpec& spec = {});

// A small network on a small set, in a folder of its own: what the tests of a whole run start from.
class Experiment {
 public:
  Experiment();  // writes train.h5 (12 samples) and validation.h5 (7 samples)

  // Trains as lucid-train does, with one thread. The run's folder lies in the experiment's.
  EndEvent train(const std::string& run, const StopRequest& stop = never);
  EndEvent resume(const std::string& run, const Overrides& overrides,
                  const StopRequest& stop = never);

  RunConfig config() const { return read_run_config(json, "a.json", folder.path()); }
  std::filesystem::path write_config() const { return folder.write("a.json", json_text(json, 2)); }
  std::filesystem::path operator/(const std::string& name) const { return folder / name; }
  std::filesystem::path last(const std::string& run) const { return at(run).last_checkpoint(); }
  std::filesystem::path best(const std::string& run) const { return at(run).best_checkpoint(); }
  std::vector<Json> metrics(const std::string& run, const std::string& event = "") const;
  Json saved_config(const std::string& run) const { return read_json_file(at(run).config()); }

  static bool never() { return false; }

  TempDir folder;
  Json json;

 private:
  RunFolder at(const std::string& run) const { return RunFolder(folder / run); }
  static EndEvent go(RunConfig config, const RunFolder& run, const CheckpointFile* checkpoint,
                     const StopRequest& stop);
};

// Asks for a stop after so many steps.
StopRequest stop_after(int steps);

// Every number of a checkpoint that decides how its run goes on.
struct Snapshot {
  std::map<std::string, std::vector<float>> arrays;
  std::map<std::string, std::int64_t> integers;
  double best = 0, plateau_best = 0;
  std::vector<double> loss_sums;
  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};
Snapshot snapshot(const std::filesystem::path& checkpoint);

}  // namespace lucid::test
