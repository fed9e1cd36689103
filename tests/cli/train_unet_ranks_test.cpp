#include <doctest/doctest.h>

#include "support/run_content.h"
#include "support/run_program.h"
#include "support/storm_experiments.h"

namespace lucid::test {

TEST_CASE("lucid-train: a U-Net in 8 shards has the same bits on 1, 2, 3, 4 and 8 ranks") {
  Experiment experiment;
  use_everything_on_unet(experiment);
  experiment.write_config();
  const auto train = [&](const std::string& run, const std::vector<std::string>& options) {
    std::vector<std::string> arguments{"--threads", "1",        "--quiet", "--config",
                                       "a.json",    "--output", run};
    arguments.insert(arguments.end(), options.begin(), options.end());
    CHECK(run_program("lucid-train", arguments, {.cwd = experiment.folder.path()}).code == 0);
    return run_content(experiment / run);
  };
  const RunContent alone = train("alone", {});
  for (const char* ranks : {"2", "3", "4", "8"}) {
    CAPTURE(ranks);
    CHECK(difference(alone, train(std::string("ranks") + ranks, {"--ranks", ranks})) == "");
  }
  CHECK(difference(alone, train("after", {"--ranks", "4", "--no-overlap"})) == "");
}

}  // namespace lucid::test
