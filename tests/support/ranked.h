#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "support/experiment.h"
#include "support/run_content.h"
#include "support/run_program.h"
#include "support/storm_experiments.h"

namespace lucid::test {

// Batches of 5, 5 and 2 samples in 4 shards, with all that draws random numbers, and a norm.
struct Ranked {
  explicit Ranked(bool synchronizes = false) {
    use_everything(experiment);
    experiment.json["model"]["layers"][1]["sync"] = synchronizes;
    experiment.json["data"]["batch_size"] = 5;
    experiment.json["train"]["shards"] = 4;
    experiment.json["train"]["epochs"] = 3;
    experiment.write_config();
  }

  // 0 ranks: whoever starts the program says how many.
  std::vector<std::string> arguments(const std::string& run, int ranks, bool resumes) const {
    std::vector<std::string> all{"--threads", "1", "--quiet"};
    if (ranks > 0) all.insert(all.end(), {"--ranks", std::to_string(ranks)});
    if (resumes)
      all.insert(all.end(), {"--resume", run});
    else
      all.insert(all.end(), {"--config", "a.json", "--output", run});
    return all;
  }
  // Makes the run so long that a signal meets it.
  void prolong() const {
    Json longer = experiment.json;
    longer["train"]["epochs"] = 4000;
    experiment.folder.write("a.json", json_text(longer));
  }
  ProgramResult train(const std::string& run, int ranks, bool resumes = false) const {
    return run_program("lucid-train", arguments(run, ranks, resumes),
                       {.cwd = experiment.folder.path()});
  }
  RunContent content(const std::string& run) const { return run_content(experiment / run); }

  Experiment experiment;
};

// The processes that this one has started.
inline std::vector<pid_t> children_of(pid_t process) {
  const std::string id = std::to_string(process);
  std::ifstream list("/proc/" + id + "/task/" + id + "/children");
  std::vector<pid_t> children;
  for (pid_t child = 0; list >> child;) children.push_back(child);
  return children;
}

}  // namespace lucid::test
