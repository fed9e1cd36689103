#include "store/checkpoint.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "data/hdf5/write.h"
#include "layers/table/compiled_case.h"
#include "support/from_text.h"
#include "support/full_disk.h"
#include "support/temp_dir.h"

namespace lucid {
namespace {

using test::error_of;
using test::TempDir;
using Words = std::vector<std::string>;

struct Fixture {
  Fixture()
      : model(test::graph_of(parse_json(R"({"input": {"channels": 1, "size": 5}, "layers": [
          {"type": "Conv3D", "name": "conv1", "out_channels": 3, "kernel_size": [3, 2, 1]},
          {"type": "Linear", "out_features": 2, "bias": false}]})",
                                        "a.json")),
              engine, 1) {
    model.plan(Mode::kTrain, 4);  // parameters in oneDNN's layouts
  }
  std::map<std::string, std::vector<float>> values() {
    std::map<std::string, std::vector<float>> all;
    for (const Parameter& parameter : model.parameters())
      all[parameter.name] = parameter.value.plain_values(engine);
    return all;
  }
  void clear() {
    for (Parameter& parameter : model.parameters())
      std::ranges::fill(parameter.value.values(), 0.F);
  }
  std::filesystem::path save(const std::string& name = "a.h5") {
    save_checkpoint(folder / name, model, config, state);
    return folder / name;
  }
  std::string load_error(const std::filesystem::path& path) {
    std::string text = error_of([&] { CheckpointFile(path).load_parameters(model); });
    const std::string prefix = folder.path().string() + "/";
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
      text.erase(at, prefix.size());
    return text;
  }

  TempDir folder;
  Engine engine{1};
  Model model;
  Json config = {{"name", "a"}, {"list", {1, 2}}};
  State state{{{"epoch", 3}, {"step", std::int64_t{1} << 40}},
              {{"best", 0.1}},
              {{"machine", "AVX2"}},
              {{"optimizer/conv1/weight/exp_avg", {Shape{2, 1, 3}, {1, 2, 3, 4, 5, 6}}}}};
};

// Writes a weights file whose conv1 fits the model, with other parameters missing or added.
void write_weights(const std::filesystem::path& path,
                   const std::vector<std::pair<std::string, Shape>>& arrays) {
  hdf5::Writer writer(path);
  for (const auto& [name, shape] : arrays)
    writer.write<float>(name, shape, std::vector<float>(shape.count(), 0.5F));
  writer.close();
}

const std::pair<std::string, Shape> kWeight{"parameters/conv1/weight", {3, 1, 3, 2, 1}};
const std::pair<std::string, Shape> kBias{"parameters/conv1/bias", {3}};
const std::pair<std::string, Shape> kLinear{"parameters/linear_1/weight", {2, 180}};

}  // namespace

TEST_CASE("a checkpoint gives back every number it was given") {
  Fixture f;
  const auto before = f.values();
  const CheckpointFile file(f.save());
  f.clear();
  const auto version = f.model.parameters().version();
  file.load_parameters(f.model);
  CHECK(f.values() == before);
  CHECK(f.model.parameters().version() > version);
  CHECK(file.config() == f.config);
  CHECK(file.integer("epoch") == 3);
  CHECK(file.integer("step") == std::int64_t{1} << 40);
  CHECK(file.number("best") == 0.1);
  CHECK(file.text("machine") == "AVX2");
  CHECK(file.text("none") == std::nullopt);
  CHECK(file.array("optimizer/conv1/weight/exp_avg", {2, 1, 3}) ==
        std::vector<float>{1, 2, 3, 4, 5, 6});
}

TEST_CASE("equal models give checkpoints of equal bytes") {
  Fixture f;
  CHECK(test::read_text(f.save("a.h5")) == test::read_text(f.save("b.h5")));
}

TEST_CASE("a checkpoint's layout is the documented one") {
  Fixture f;
  const hdf5::File file(f.save());
  CHECK(file.children("/") == Words{"parameters", "state"});
  CHECK(file.datasets() == Words{"parameters/conv1/bias", "parameters/conv1/weight",
                                 "parameters/linear_1/weight",
                                 "state/optimizer/conv1/weight/exp_avg"});
  for (const auto& array : {kWeight, kBias, kLinear}) {
    CAPTURE(array.first);
    CHECK(file.open(array.first).shape() == array.second);
    CHECK(file.open(array.first).info().type == "float32");
    CHECK(file.open(array.first).info().storage == "chunks " + array.second.str() + ", fletcher32");
  }
  CHECK(file.attribute<std::int64_t>("/", "format_version") == 2);
  CHECK(file.attribute<std::string>("/", "config") == R"({"name":"a","list":[1,2]})");
  CHECK(file.attribute<std::int64_t>("/state", "epoch") == 3);
  CHECK(file.attribute<double>("/state", "best") == 0.1);
}

TEST_CASE("a config of any length fits into a checkpoint") {
  Fixture f;
  f.config["files"] = std::vector<std::string>(5000, std::string(100, 'x'));
  CHECK(CheckpointFile(f.save()).config() == f.config);
}

TEST_CASE("a weights file is enough for the parameters, and for nothing else") {
  Fixture f;
  write_weights(f.folder / "w.h5", {kWeight, kBias, kLinear});
  CHECK(f.load_error(f.folder / "w.h5") == "");
  for (const auto& [name, values] : f.values())
    CHECK(std::ranges::all_of(values, [](float value) { return value == 0.5F; }));
  const CheckpointFile file(f.folder / "w.h5");
  CHECK(error_of([&] { file.config(); }) ==
        "3: " + (f.folder / "w.h5").string() +
            ": expected a checkpoint with the attribute 'config', found none; a weights file is "
            "not enough here");
  CHECK(error_of([&] { file.integer("epoch"); }) ==
        "3: " + (f.folder / "w.h5").string() +
            ": /state: expected the attribute 'epoch', found none");
}

TEST_CASE("every parameter that is missing, misfits or is too much is told") {
  Fixture f;
  const auto before = f.values();
  write_weights(f.folder / "w.h5", {{kWeight.first, {3, 1, 3, 2, 2}},
                                    kLinear,
                                    {"parameters/linear_1/bias", {2}},
                                    {"parameters/other", {1}}});
  CHECK(f.load_error(f.folder / "w.h5") ==
        "3: w.h5: /parameters/conv1/weight: expected a parameter of shape 3x1x3x2x1, found "
        "3x1x3x2x2\n"
        "w.h5: /parameters/conv1/bias: expected a parameter of shape 3, found none\n"
        "w.h5: /parameters/linear_1/bias: the model has no such parameter\n"
        "w.h5: /parameters/other: the model has no such parameter");
  CHECK(f.values() == before);
}

TEST_CASE("a state of another shape is refused") {
  Fixture f;
  const CheckpointFile file(f.save());
  CHECK(error_of([&] { file.array("optimizer/conv1/weight/exp_avg", {6}); }) ==
        "3: " + (f.folder / "a.h5").string() +
            ": /state/optimizer/conv1/weight/exp_avg: expected the shape 6, found 2x1x3");
}

TEST_CASE("files that are no checkpoints are refused") {
  Fixture f;
  CHECK(f.load_error(f.folder / "none.h5") == "2: none.h5: no such file");
  f.folder.write("text.h5", "text");
  CHECK(f.load_error(f.folder / "text.h5").starts_with("3: text.h5: "));
  write_weights(f.folder / "data.h5", {{"volumes", {2}}});
  CHECK(f.load_error(f.folder / "data.h5") ==
        "3: data.h5: expected a checkpoint or weights file with the group /parameters, found none");
}

TEST_CASE("a checkpoint of a newer format is refused") {
  Fixture f;
  hdf5::Writer writer(f.folder / "new.h5");
  writer.create_group("parameters");
  writer.set_attribute("/", "format_version", std::int64_t{3});
  writer.close();
  CHECK(f.load_error(f.folder / "new.h5") ==
        "3: new.h5: expected format_version 1 to 2, found 3; it was written by a newer lucid");
}

TEST_CASE("a checkpoint cut short anywhere is refused") {
  Fixture f;
  const std::string whole = test::read_text(f.save());
  for (std::size_t size = 0; size < whole.size(); size += 97) {
    CAPTURE(size);
    f.folder.write("cut.h5", whole.substr(0, size));
    CHECK(f.load_error(f.folder / "cut.h5").starts_with("3: cut.h5: "));
  }
}

TEST_CASE("a checkpoint that cannot be written leaves the old one and nothing beside it") {
  Fixture f;
  const std::string before = test::read_text(f.save());
  const std::string text = error_of([&] {
    const test::FullDisk full(4096);
    f.save();
  });
  CHECK(text == "1: " + (f.folder / "a.h5").string() + ": cannot be written: File too large");
  CHECK(test::read_text(f.folder / "a.h5") == before);
  const std::filesystem::directory_iterator files(f.folder.path());
  CHECK(std::distance(begin(files), end(files)) == 1);
}

TEST_CASE("a folder that is not there is told with the checkpoint's name") {
  Fixture f;
  CHECK(error_of([&] { f.save("no/a.h5"); }) ==
        "1: " + (f.folder / "no/a.h5").string() + ": cannot be written: No such file or directory");
}

}  // namespace lucid
