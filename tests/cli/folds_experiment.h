#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/results.h"
#include "data/hdf5/write.h"
#include "support/experiment.h"

namespace lucid::test {

using Names = std::vector<std::string>;

// Volumes of different sizes, and sizes of voxels, whose labels say where the values are high.
inline void write_folded_cases(const std::filesystem::path& file, std::int64_t count) {
  hdf5::Writer writer(file);
  for (std::int64_t number = 0; number < count; ++number) {
    const Shape shape{7 + number, 12 - number, 9};
    Rng rng(static_cast<std::uint64_t>(number), "case");
    std::vector<float> raw;
    std::vector<std::uint8_t> labels;
    for (std::size_t i = 0; i < shape.count(); ++i) {
      labels.push_back(i % 9 < 4 ? 1 : 0);
      raw.push_back(2 * static_cast<float>(labels.back()) +
                    0.4F * static_cast<float>(rng.normal()));
    }
    const std::string name = "c" + std::to_string(number);
    writer.write<float>(name + "/raw", shape, raw);
    writer.write<std::uint8_t>(name + "/label", shape, labels);
    writer.set_attribute(name + "/raw", "voxel_size_mm", Shape{3},
                         std::vector<double>{1 + static_cast<double>(number) / 8, 1, 1});
  }
  writer.close();
}

// An experiment on patches of 6 cases in one file, in 3 folds.
struct Folds : Experiment {
  Folds() {
    write_folded_cases(folder / "cases.h5", 6);
    json["data"] = parse_json(R"({
      "train": {"files": "cases.h5", "input": "*/raw", "target": "*/label"},
      "patch": {"foreground": 0.4, "per_volume": 3}, "batch_size": 2, "normalize": "auto"})",
                              "data");
    json["model"]["layers"] = parse_json(R"([
      {"type": "Conv3D", "out_channels": 4, "kernel_size": 3, "padding": 1}, {"type": "ReLU"},
      {"type": "Dropout3D", "p": 0.1}, {"type": "Conv3D", "out_channels": 2, "kernel_size": 1}])",
                                         "layers");
    json["train"] = parse_json(R"({"epochs": 2, "log_every": 1, "folds": {"count": 3},
                                   "checkpoint_every": {"minutes": 1e-5}})",
                               "train");
  }

  // Makes it one on 4 volumes in values.h5, of whose voxels it learns the values.
  void learn_values() {
    hdf5::Writer writer(folder / "values.h5");
    for (int number = 0; number < 4; ++number) {
      std::vector<float> values(8 * 8 * 8);
      Rng rng(static_cast<std::uint64_t>(number), "values");
      for (float& value : values) value = static_cast<float>(rng.uniform());
      writer.write<float>("v" + std::to_string(number) + "/raw", {1, 8, 8, 8}, values);
    }
    writer.close();
    json["data"]["train"] = {
        {"files", "values.h5"}, {"input", "*/raw"}, {"target", "*/raw"}, {"axes", "cdhw"}};
    json["data"]["patch"].erase("foreground");
    json["model"]["layers"].back()["out_channels"] = 1;
    json["loss"] = {{"type", "MSELoss"}};
    json["metrics"] = {"mae"};
  }

  static std::vector<std::string> arguments(const std::string& fold, const std::string& output) {
    return {"--config", "a.json", "--fold", fold, "--output", output, "--threads", "1", "--quiet"};
  }
  ProgramResult train(const std::string& fold, const std::string& output,
                      const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = arguments(fold, output);
    all.insert(all.end(), more.begin(), more.end());
    return train_in(folder, all);
  }
  Json read(const std::string& name) const { return read_json_file(folder / name); }
  Names predicted(const std::string& fold) const {
    Names names;
    for (const auto& entry : std::filesystem::directory_iterator(folder / fold / "validation"))
      if (entry.path().extension() == ".h5") names.push_back(entry.path().stem().string());
    std::ranges::sort(names);
    return names;
  }
};

}  // namespace lucid::test
