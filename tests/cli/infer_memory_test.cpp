#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "cli/results.h"
#include "formats/readers/nifti.h"
#include "support/experiment.h"

// Tests that the memory of lucid-infer does not grow with the depth of a volume.
namespace lucid {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSide = 160;

// Returns the most memory that the process has taken so far, in MiB; 0 where it has ended.
double peak_mebibytes(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
  return 0;
}

struct DeepVolumes : test::Experiment {
  DeepVolumes() {
    json["model"] = {{"input", {{"channels", 1}, {"size", 6}}},
                     {"layers", {{{"type", "Identity"}}}}};
    json["data"] = {
        {"train", {{"files", "train.h5"}, {"input", "volumes"}, {"target", "volumes"}}}};
    json["loss"] = {{"type", "MSELoss"}};
    json.erase("metrics");
    json["train"] = {{"epochs", 0}};
    train("run");
  }

  // Predicts a NIfTI volume of this many planes and returns the most memory that this took.
  double peak(std::int64_t depth, const std::string& suffix) const {
    const fs::path input = *this / ("in" + std::to_string(depth) + ".nii.gz");
    if (!fs::exists(input))
      write_nifti({input}, ElementType::kUint8, {depth, kSide, kSide}, plain_geometry({1, 1, 1}),
                  [](std::int64_t begin, std::span<std::byte> out) {
                    for (std::byte& byte : out) byte = static_cast<std::byte>(begin++ * 31 % 97);
                  });
    test::Program program("lucid-infer",
                          {"--checkpoint", "run/checkpoints/last.h5", "--input", input.string(),
                           "--output", "out" + std::to_string(depth) + suffix, "--patch",
                           "16,80,80", "--overlap", "0", "--threads", "1", "--quiet"},
                          {.cwd = folder.path()});
    double most = 0;
    while (program.is_running()) {
      most = std::max(most, peak_mebibytes(program.process()));
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    const test::ProgramResult result = program.finish();
    CHECK(result.code == 0);
    CHECK(result.err == "");
    return most;
  }
};

}  // namespace

// Sanitizers keep what was freed.
#ifndef LUCID_SANITIZE
TEST_CASE("lucid-infer takes the same memory for a NIfTI volume ten times as deep") {
  const DeepVolumes volumes;
  // The shallower volume fills the chunks of two levels of Zarr, of 64 planes each. The deeper one
  // has 30 MB more voxels, and 118 MB more predictions.
  constexpr std::int64_t kShallow = 128, kDeep = 10 * kShallow;
  constexpr double kMostGrowth = 4;
  for (const std::string suffix : {".nii", ".zarr", ".mha"}) {
    const double shallow = volumes.peak(kShallow, suffix), deep = volumes.peak(kDeep, suffix);
    CAPTURE(suffix);
    CAPTURE(shallow);
    CAPTURE(deep);
    CHECK(shallow > 10);
    CHECK(deep < shallow + kMostGrowth);
  }
}
#endif

}  // namespace lucid
