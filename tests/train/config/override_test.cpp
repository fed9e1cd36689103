#include <doctest/doctest.h>

#include "support/experiment.h"
#include "support/from_text.h"

namespace lucid {
namespace {

Json overridden(const std::string& text, const std::string& assignment) {
  Json json = parse_json(text, "a.json");
  override_key(json, assignment);
  return json;
}

std::string refusal(const std::string& text, const std::string& assignment) {
  return test::error_of([&] { overridden(text, assignment); });
}

std::string here(const std::string& name) {
  return (std::filesystem::current_path() / name).string();
}

}  // namespace

TEST_CASE("an override is JSON, or a string when it is not") {
  const std::string text = R"({"a": {"b": 1}})";
  CHECK(overridden(text, "a.b=2")["a"]["b"] == 2);
  CHECK(overridden(text, "a.b=1e-2")["a"]["b"] == 0.01);
  CHECK(overridden(text, "a.b=true")["a"]["b"] == true);
  CHECK(overridden(text, "a.b=null")["a"]["b"].is_null());
  CHECK(overridden(text, "a.b=[3,3,3]")["a"]["b"] == Json({3, 3, 3}));
  CHECK(overridden(text, "a.b=Adam")["a"]["b"] == "Adam");
  CHECK(overridden(text, "a.b=\"7\"")["a"]["b"] == "7");
  CHECK(overridden(text, "a.b=x=y")["a"]["b"] == "x=y");
  CHECK(overridden(text, "a.b=")["a"]["b"] == "");
}

TEST_CASE("an override makes the objects on its way and reaches into lists") {
  CHECK(overridden("{}", "train.early_stopping.patience=3") ==
        parse_json(R"({"train": {"early_stopping": {"patience": 3}}})", ""));
  CHECK(overridden(R"({"train": null})", "train.epochs=3")["train"]["epochs"] == 3);
  CHECK(overridden(R"({"a": [{"b": 1}, {"b": 2}]})", "a.1.b=5")["a"][1]["b"] == 5);
}

TEST_CASE("an override that leads nowhere is refused") {
  CHECK(refusal("{}", "a") == "2: --set a: expected key.path=value");
  CHECK(refusal("{}", "=3") == "2: --set =3: expected key.path=value");
  CHECK(refusal(R"({"a": 3})", "a.b=1") ==
        "2: --set a.b=1: 'b' is below a value that is neither an object nor a list");
  CHECK(refusal(R"({"a": [1]})", "a.1=1") ==
        "2: --set a.1=1: expected an index below 1, found '1'");
  CHECK(refusal(R"({"a": [1]})", "a.x=1") ==
        "2: --set a.x=1: expected an index below 1, found 'x'");
}

TEST_CASE("paths of an override are seen from the working directory") {
  CHECK(overridden("{}", "data.train.files=a.h5")["data"]["train"]["files"] == here("a.h5"));
  CHECK(overridden(
            "{}", R"(data.train.files=["a.h5", "../b/*.h5", "/c.h5"])")["data"]["train"]["files"] ==
        Json({here("a.h5"), (std::filesystem::current_path().parent_path() / "b/*.h5").string(),
              "/c.h5"}));
  CHECK(overridden("{}",
                   R"(data={"validation": {"files": "a.h5"}})")["data"]["validation"]["files"] ==
        here("a.h5"));
  for (const std::string set : {"train", "validation"})
    CHECK(overridden("{}", "data." + set + ".labels=segs/*")["data"][set]["labels"] ==
          here("segs/*"));
  CHECK(overridden("{}", "train.weights=w.h5")["train"]["weights"] == here("w.h5"));
  CHECK(overridden("{}", "data.train.input=a")["data"]["train"]["input"] == "a");
}

TEST_CASE("the path of --weights is never read as JSON") {
  test::Experiment experiment;
  experiment.train("run");
  std::filesystem::copy(experiment.last("run"), experiment / "1");
  const Overrides overrides{.weights = (experiment / "1").string()};
  const std::string file = experiment.write_config().string();
  CHECK(read_config_file(file, overrides).train.weights == (experiment / "1").string());
  CHECK(test::error_of([&] { read_config_file(file, {.weights = "123"}); }) ==
        "2: " + file + ": /train/weights: expected an existing file, found '" + here("123") + "'");
}

}  // namespace lucid
