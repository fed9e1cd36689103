#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "formats/readers/made_files.h"
#include "support/experiment.h"
#include "support/run_program.h"

namespace lucid::test {

// A volume and its labels, which tell whether the value of a voxel is high; one byte for each.
struct Phantom {
  std::string name;
  Triple size;                   // d, h, w
  std::array<float, 3> spacing;  // mm, as size
  std::string image, label;
};

// Volumes of other sizes and spacings than each other. Sorted by the names of files, case comes
// before case-b, as datasets CASE/raw behind it.
inline std::vector<Phantom> phantoms(std::uint64_t seed) {
  std::vector<Phantom> made{{"case", {12, 9, 10}, {2, 1, 1}, "", ""},
                            {"case-b", {7, 14, 8}, {3, 1.25, 1}, "", ""},
                            {"d", {5, 20, 9}, {2.5, 0.5, 0.75}, "", ""}};
  Rng rng(seed, "phantoms");
  for (Phantom& phantom : made)
    for (std::int64_t i = 0; i < phantom.size[0] * phantom.size[1] * phantom.size[2]; ++i) {
      const bool is_high = rng.uniform() < 0.2;
      phantom.label += is_high ? '\1' : '\0';
      phantom.image += static_cast<char>((is_high ? 60 : 0) + rng.below(60));
    }
  return made;
}

inline std::string nifti_of(const Phantom& phantom, const std::string& voxels) {
  const auto& [d, h, w] = phantom.size;
  const auto& spacing = phantom.spacing;
  return nifti1({.dim = {w, h, d}, .pixdim = {1, spacing[2], spacing[1], spacing[0]}}) + voxels;
}

// A network that learns from patches of the phantoms of imagesTr and labelsTr, which are NIfTI, and
// is validated with those of imagesVal and labelsVal.
class ScanExperiment {
 public:
  ScanExperiment() {
    json = parse_json(R"({
      "model": {
        "input": {"channels": 1, "size": 6},
        "layers": [
          {"type": "Conv3D", "out_channels": 4, "kernel_size": 3, "padding": 1},
          {"type": "ReLU"},
          {"type": "Conv3D", "out_channels": 2, "kernel_size": 1}
        ]},
      "data": {
        "train": {"files": "imagesTr", "labels": "labelsTr"},
        "validation": {"files": "imagesVal/*.nii.gz", "labels": "labelsVal/*"},
        "patch": {"foreground": 0.33, "per_volume": 4},
        "spacing": "median", "voxel_size": [1, 1, 1], "batch_size": 5, "normalize": "auto"},
      "loss": {"type": "CrossEntropyLoss"},
      "optimizer": {"type": "SGD", "lr": 0.05, "momentum": 0.9},
      "metrics": ["accuracy"],
      "train": {"epochs": 2, "shards": 2}})",
                      "a.json");
    write_nifti("Tr", 1);
    write_nifti("Val", 2);
  }

  void write_nifti(const std::string& set, std::uint64_t seed) const {
    for (const Phantom& phantom : phantoms(seed)) {
      folder.write("images" + set + "/" + phantom.name + ".nii.gz",
                   gzip(nifti_of(phantom, phantom.image)));
      folder.write("labels" + set + "/" + phantom.name + ".nii.gz",
                   gzip(nifti_of(phantom, phantom.label)));
    }
  }

  void write_config(const std::string& name = "a.json") const {
    folder.write(name, json_text(json, 2));
  }

  std::vector<std::string> arguments(const std::string& run,
                                     const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all{"--config", "a.json", "--output", run, "--threads", "1"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  ProgramResult lucid(const std::string& program, const std::vector<std::string>& words) const {
    return run_program("lucid-" + program, words, {.cwd = folder.path()});
  }
  // Writes the config and trains RUN.
  ProgramResult train(const std::string& run, const std::vector<std::string>& more = {}) const {
    write_config();
    return lucid("train", arguments(run, more));
  }

  // Trains what lucid-data import makes of the same files, as RUN.
  ProgramResult train_imported(const std::string& run) {
    const Json scans = json;
    for (const std::string set : {"train", "validation"}) {
      const Json found = std::exchange(
          json["data"][set], {{"files", set + ".h5"}, {"input", "*/raw"}, {"target", "*/label"}});
      const ProgramResult imported =
          lucid("data", {"import", found["files"], "--labels", found["labels"], "--output",
                         set + ".h5", "--overwrite"});
      if (imported.code != 0) return imported;
    }
    const ProgramResult result = train(run);
    json = scans;
    return result;
  }

  Snapshot last(const std::string& run) const {
    return snapshot(folder / (run + "/checkpoints/last.h5"));
  }
  // Of all files below imported/, those with the extension, by path and time of writing.
  std::vector<std::pair<std::string, std::filesystem::file_time_type>> imported(
      const std::string& extension = ".h5") const {
    std::vector<std::pair<std::string, std::filesystem::file_time_type>> found;
    if (!std::filesystem::exists(folder / "imported")) return found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "imported"))
      if (entry.path().extension() == extension)
        found.emplace_back(entry.path().string(), entry.last_write_time());
    std::ranges::sort(found);
    return found;
  }

  TempDir folder;
  Json json;
};

}  // namespace lucid::test
