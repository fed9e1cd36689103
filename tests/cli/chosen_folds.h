#pragma once

#include "cli/folds_experiment.h"
#include "store/checkpoint.h"
#include "store/stored_rules.h"

namespace lucid::test {

using ClassLabels = std::vector<std::uint8_t>;

inline const Shape kFoldShape{6, 8, 12};
inline constexpr int kFoldCases = 6;

inline std::string fold_case_name(int number) { return "c" + std::to_string(number); }

inline void fill_box(ClassLabels& labels, const Triple& begin, const Triple& end,
                     std::uint8_t label) {
  for (std::int64_t d = begin[0]; d < end[0]; ++d)
    for (std::int64_t h = begin[1]; h < end[1]; ++h)
      for (std::int64_t w = begin[2]; w < end[2]; ++w)
        labels[static_cast<std::size_t>((d * 8 + h) * 12 + w)] = label;
}

// Class 1 is one block; class 2 has two parts, which touch no other class.
inline ClassLabels truth_of(int number) {
  ClassLabels labels(kFoldShape.count());
  fill_box(labels, {0, 0, 0}, {3, 3 + number % 2, 4}, 1);
  fill_box(labels, {0, 6, 0}, {2, 8, 4}, 2);
  fill_box(labels, {4, 0, 9}, {6, 2, 12}, 2);
  return labels;
}

// The truth with false voxels of class 1 far from it.
inline ClassLabels predicted_of(int number) {
  ClassLabels labels = truth_of(number);
  fill_box(labels, {0, 0, 3}, {1, 1, 4}, 0);
  fill_box(labels, {5, 5, 6}, {6, 6, 7 + number % 3}, 1);
  return labels;
}

// Folds whose networks predict anything, and cases whose predictions are put in place of theirs.
struct ChosenFolds : Folds {
  ChosenFolds() {
    hdf5::Writer writer(folder / "cases.h5");
    for (int number = 0; number < kFoldCases; ++number) {
      Rng rng(static_cast<std::uint64_t>(number), "case");
      std::vector<float> raw;
      for (const std::uint8_t label : truth_of(number))
        raw.push_back(static_cast<float>(label) + static_cast<float>(rng.normal()));
      writer.write<float>(fold_case_name(number) + "/raw", kFoldShape, raw);
      writer.write<std::uint8_t>(fold_case_name(number) + "/label", kFoldShape, truth_of(number));
    }
    writer.close();
    json["model"]["layers"].back()["out_channels"] = 3;
    json["train"]["max_steps"] = 2;
    json["optimizer"]["lr"] = 1e-4;  // all classes stay as likely as they begin
    write_config();
    REQUIRE(train("all", "out").code == 0);
  }

  // Puts predictions in place of those in a folder, of which nothing has been measured then.
  template <class Predicted>
  void replace(const std::string& out, const Predicted& predicted) const {
    const Json splits = read(out + "/splits_final.json");
    for (std::size_t k = 0; k < splits.size(); ++k) {
      const std::string fold = out + "/fold_" + std::to_string(k) + "/validation/";
      for (const auto& name : splits[k]["val"].get<Names>()) {
        hdf5::Writer writer(folder / (fold + name + ".h5"));
        writer.write<std::uint8_t>("predictions", kFoldShape.with_batch(1),
                                   predicted(std::stoi(name.substr(1))));
        writer.close();
      }
      std::filesystem::remove(folder / (fold + "summary.json"));
    }
    for (const char* file : {"/postprocessing.json", "/summary.json"})
      std::filesystem::remove(folder / (out + file));
  }

  std::vector<std::filesystem::path> checkpoints(const std::string& out) const {
    std::vector<std::filesystem::path> all;
    for (const char* fold : {"/fold_0", "/fold_1", "/fold_2"})
      for (const char* name : {"/checkpoints/last.h5", "/checkpoints/best.h5"})
        all.push_back(folder / (out + fold + name));
    return all;
  }

  void copy(const std::string& to) const {
    std::filesystem::copy(folder / "out", folder / to, std::filesystem::copy_options::recursive);
  }

  ProgramResult infer(const std::string& output, const std::vector<std::string>& more) const {
    std::vector<std::string> all{"--checkpoint", "out/fold_0/checkpoints/last.h5",
                                 "--input",      "cases.h5",
                                 "--dataset",    "c3/raw",
                                 "--output",     output,
                                 "--threads",    "1",
                                 "--quiet",      "--overwrite"};
    all.insert(all.end(), more.begin(), more.end());
    return run_program("lucid-infer", all, {.cwd = folder.path()});
  }
  std::vector<float> predictions(const std::string& file) const {
    return hdf5::File(folder / file).open("predictions").read<float>();
  }
};

inline void check_rules(const ChosenFolds& f, const std::string& out, const Json& expected) {
  for (const std::filesystem::path& path : f.checkpoints(out)) {
    CAPTURE(path);
    const CheckpointFile whole(path);
    const auto rules = stored_rules(path);
    CHECK((rules ? postprocess_json(*rules) : Json()) == expected);
  }
}

inline const Json kClass1 = {{"keep_largest", {1}}, {"connectivity", 26}};
}  // namespace lucid::test
