#include "folds/named_checkpoints.h"

#include <doctest/doctest.h>

#include "cli/folds_experiment.h"
#include "support/from_text.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// Names of files inside of the experiment.
std::vector<std::string> names_in(const test::Folds& f, const std::vector<std::string>& given) {
  std::vector<std::string> paths, names;
  for (const std::string& name : given) paths.push_back((f / name).string());
  for (const fs::path& file : named_checkpoints(paths))
    names.push_back(file.lexically_relative(f.folder.path()).string());
  return names;
}

std::string error_of(const test::Folds& f, const std::string& given) {
  return test::from_inside(f.folder.path(), test::error_of([&] { names_in(f, {given}); }));
}

}  // namespace

TEST_CASE("folders of runs and of folds stand for the checkpoints that predict") {
  test::Folds f;
  f.write_config();
  REQUIRE(f.train("all", "out").code == 0);
  const std::vector<std::string> best{"out/fold_0/checkpoints/best.h5",
                                      "out/fold_1/checkpoints/best.h5",
                                      "out/fold_2/checkpoints/best.h5"};
  CHECK(names_in(f, {"out"}) == best);
  CHECK(names_in(f, {"out/fold_1/checkpoints/last.h5", "out/fold_2", "none.h5"}) ==
        std::vector<std::string>{"out/fold_1/checkpoints/last.h5", best[2], "none.h5"});
  fs::remove(f / best[2]);
  CHECK(names_in(f, {"out/fold_2"}) == std::vector<std::string>{"out/fold_2/checkpoints/last.h5"});

  fs::remove_all(f / "cases.h5");  // another machine has the networks alone
  CHECK(names_in(f, {"out"}).size() == 3);
  Json config = f.read("out/config.json");
  config["train"]["folds"]["checkpoint"] = "last";
  f.folder.write("out/config.json", json_text(config));
  CHECK(names_in(f, {"out"})[0] == "out/fold_0/checkpoints/last.h5");
}

TEST_CASE("a folder of folds that are not all trained to their end is refused by the first") {
  test::Folds f;
  f.write_config();
  REQUIRE(f.train("0", "out").code == 0);
  const std::string advice =
      "; lucid-train --resume out goes on with all of them, or name the folders of those that are "
      "to predict";
  CHECK(error_of(f, "out") ==
        "2: out/fold_1: expected a fold that is trained to its end, found none" + advice);
  REQUIRE(f.train("1", "out").code == 0);
  REQUIRE(f.train("2", "out").code == 0);
  fs::resize_file(f / "out/fold_2/metrics.jsonl", 0);  // as of a run that was killed
  CHECK(error_of(f, "out") ==
        "2: out/fold_2: expected a fold that is trained to its end, found one that is not" +
            advice);
}

TEST_CASE("a folder without checkpoints is no network") {
  test::Folds f;
  fs::create_directories(f / "empty");
  CHECK(error_of(f, "empty") ==
        "2: empty: expected a checkpoint, or the folder of a run or of folds, found a folder "
        "without checkpoints/last.h5; name the file");
}

}  // namespace lucid
