#include "data/patch/config.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "data/loader/data_config.h"
#include "support/from_text.h"

using namespace lucid;
using namespace lucid::test;

namespace {

std::string error_of_patch(const std::string& patch) {
  return error_of([&] {
    from_text(
        R"({"train": {"files": "a.h5", "input": "a", "target": "b"}, "patch": )" + patch + "}",
        "/data", [](JsonObject& data) {
          return read_data_config(data, Shape{1, 8, 8, 4});
        });
  });
}

}  // namespace

TEST_CASE("a patch has the size of the model's input unless the file says so itself") {
  const PatchConfig config = from_text("{}", "", [](JsonObject& object) {
    return read_patch_config(object, Triple{4, 5, 6});
  });
  CHECK(config.size == Triple{4, 5, 6});
  CHECK(json_text(patch_json(config)) ==
        R"({"size":[4,5,6],"sampling":"random","foreground":0.0,"padding_mode":"constant"})");
  const PatchConfig quota =
      from_text(R"({"foreground": 0.5, "foreground_per": "batch"})", "",
                [](JsonObject& object) { return read_patch_config(object, std::nullopt); });
  CHECK(json_text(patch_json(quota)) ==
        R"({"size":[1,1,1],"sampling":"random","foreground":0.5,"foreground_per":"batch",)"
        R"("padding_mode":"constant"})");
  const PatchConfig grid = from_text(
      R"({"size": 4, "sampling": "grid", "stride": [1, 2, 3], "padding_mode": "reflect"})", "",
      [](JsonObject& object) { return read_patch_config(object, std::nullopt); });
  CHECK(json_text(patch_json(grid)) ==
        R"({"size":[4,4,4],"sampling":"grid","stride":[1,2,3],"padding_mode":"reflect"})");
}

TEST_CASE("errors in the patch section are reported") {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"size": 8})",
       "2: a.json: /data/patch/size: expected [8,8,4], model.input.size, found [8,8,8]"},
      {R"({"sampling": "grid", "per_volume": 3})",
       "2: a.json: /data/patch/per_volume: requires \"sampling\": \"random\", found "
       "'grid'"},
      {R"({"stride": 4})",
       "2: a.json: /data/patch/stride: requires \"sampling\": \"grid\", found 'random'"},
      {R"({"sampling": "grid", "stride": 5})",
       "2: a.json: /data/patch/stride: expected at most the patch's size [8,8,4], found [5,5,5]"},
      {R"({"foreground": 1.5})",
       "2: a.json: /data/patch/foreground: expected a number >= 0 and <= 1, found 1.5"},
      {R"({"padding": 1})",
       "2: a.json: /data/patch/padding: unknown key; known: size, sampling, foreground, "
       "foreground_per, per_volume, stride, padding_mode"},
      {R"({"foreground_per": "step"})",
       "2: a.json: /data/patch/foreground_per: expected one of epoch, batch, found 'step'"},
      {R"({"sampling": "grid", "foreground_per": "batch"})",
       "2: a.json: /data/patch/foreground_per: requires \"sampling\": \"random\", found 'grid'"},
  };
  for (const auto& [patch, error] : rows) CHECK(error_of_patch(patch) == std::string(error));
}

TEST_CASE("a roi is read by any name of its axes") {
  const auto read = [](const std::string& text) { return from_text(text, "/roi", read_ranges); };
  CHECK(ranges_text(read(R"({"z": [1, 5], "w": [45, null]})")) == "d=1:5,h=0:-1,w=45:-1");
  for (const char* wrong : {"[5, 5]", "[5]", "[-1, 4]", "3", "[0.5, 4]"}) {
    const std::string text = std::string(R"({"h": )") + wrong + "}";
    CHECK(
        error_of([&] { read(text); })
            .starts_with("2: a.json: /roi/h: expected [begin, end] with 0 <= begin < end, or null "
                         "for the volume's end, found "));
  }
  CHECK(error_of([] {
          from_text(
              R"({"train": {"files": "a", "input": "a", "target": "b", "roi": {}, "mask": "m"}})",
              "/data", [](JsonObject& data) { return read_data_config(data, std::nullopt); });
        }) ==
        "2: a.json: /data/train/roi: requires \"patch\" in data, found none\n"
        "a.json: /data/train/mask: requires \"patch\" in data, found none");
}
