#include <doctest/doctest.h>

#include "cli/chosen_folds.h"

namespace lucid::test {

namespace fs = std::filesystem;

TEST_CASE("lucid-infer: classes are postprocessed as validation chose, or as the user says") {
  const ChosenFolds f;
  REQUIRE(f.infer("raw.h5", {"--activation", "argmax", "--postprocess", "none"}).code == 0);
  f.replace("out", predicted_of);
  REQUIRE(f.train("all", "out").code == 0);
  const auto postprocessed = [&](const std::string& rule) {
    fs::remove(f / "clean.h5");
    REQUIRE(run_in(f.folder, {"postprocess", "raw.h5", "clean.h5", "--keep-largest", rule}).code ==
            0);
    return f.predictions("clean.h5");
  };
  const ProgramResult result = f.infer("a.h5", {"--activation", "argmax", "--json"});
  CAPTURE(result.err);
  REQUIRE(result.code == 0);
  CHECK(f.predictions("a.h5") == postprocessed("1"));
  CHECK(f.predictions("a.h5") != f.predictions("raw.h5"));
  CHECK(result.err.find("out/fold_0/checkpoints/last.h5: classes are postprocessed by "
                        "keep-largest=1, chosen by validation; --postprocess none leaves them as "
                        "they are") != std::string::npos);
  const Json json = parse_json(result.out, "json");
  CHECK(json["postprocess"]["from"] == "validation");
  CHECK(json["postprocess"]["rules"] == kClass1);

  const ProgramResult none =
      f.infer("none.h5", {"--activation", "argmax", "--json", "--postprocess", "none"});
  CHECK(f.predictions("none.h5") == f.predictions("raw.h5"));
  CHECK(none.err == "");
  CHECK_FALSE(parse_json(none.out, "json").contains("postprocess"));

  const ProgramResult other = f.infer(
      "other.h5", {"--activation", "argmax", "--json", "--postprocess", "keep-largest=foreground"});
  CHECK(f.predictions("other.h5") == postprocessed("foreground"));
  CHECK(other.err == "");
  CHECK(parse_json(other.out, "json")["postprocess"]["from"] == "--postprocess");

  const ProgramResult softmax = f.infer("softmax.h5", {"--activation", "softmax", "--json"});
  CHECK(softmax.err == "");
  CHECK_FALSE(parse_json(softmax.out, "json").contains("postprocess"));
}

TEST_CASE("lucid-infer: files of a folder are postprocessed as validation chose") {
  const ChosenFolds f;
  f.replace("out", predicted_of);
  REQUIRE(f.train("all", "out").code == 0);
  const auto both = [&](const std::vector<std::string>& rules) {
    std::vector<std::string> all{"--activation", "argmax", "--format", "h5", "--json"};
    all.insert(all.end(), rules.begin(), rules.end());
    return f.infer("folder/", all);
  };
  const ProgramResult result = both({});
  CAPTURE(result.err);
  REQUIRE(result.code == 0);
  CHECK(parse_json(result.out, "json")["postprocess"]["from"] == "validation");
  REQUIRE(f.infer("a.h5", {"--activation", "argmax"}).code == 0);
  CHECK(f.predictions("folder/cases.h5") == f.predictions("a.h5"));
  // What is there was made by other options.
  CHECK(both({"--postprocess", "none"}).code == 0);
  REQUIRE(f.infer("raw.h5", {"--activation", "argmax", "--postprocess", "none"}).code == 0);
  CHECK(f.predictions("folder/cases.h5") == f.predictions("raw.h5"));
}

}  // namespace lucid::test
