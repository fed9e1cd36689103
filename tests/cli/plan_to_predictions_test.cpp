#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "cli/results.h"
#include "formats/readers/made_files.h"

namespace lucid::test {
namespace {

namespace fs = std::filesystem;

using Arguments = std::vector<std::string>;

constexpr std::int64_t kSide = 16;

// A bright box in noise, whose place differs.
void write_scan(const TempDir& dir, const std::string& folder, int number, bool has_labels) {
  std::string raw, label;
  for (std::int64_t v = 0; v < kSide * kSide * kSide; ++v) {
    const bool is_in = v / (kSide * kSide) > 4 + number && v % kSide > 7;
    raw += static_cast<char>((is_in ? 60 : 10) + (v * 7 + number) % 11);
    label += static_cast<char>(is_in ? 1 : 0);
  }
  const NiftiSpec spec{.dim = {kSide, kSide, kSide}};
  const std::string name = "case" + std::to_string(number);
  dir.write(folder + "/images" + (has_labels ? "Tr/" : "Ts/") + name + ".nii", nifti1(spec) + raw);
  if (has_labels) dir.write(folder + "/labelsTr/" + name + ".nii.gz", gzip(nifti1(spec) + label));
}

void write_set(const TempDir& dir) {
  for (int number = 0; number < 6; ++number) write_scan(dir, "T", number, true);
  for (int number = 6; number < 8; ++number) write_scan(dir, "T", number, false);
  dir.write("T/dataset.json",
            R"({"channel_names": {"0": "MRI"}, "labels": {"background": 0, "x": 1}})");
}

// One of three commands, from a folder of scans to predictions.
struct Step {
  std::string program;
  Arguments arguments;
  std::string result;  // is there when it is done, so that it need not run again
};

// The machine is said to be slow, so that time decides nothing.
const std::vector<Step> steps{
    {"lucid-plan",
     {"../T", "--hours", "1", "--gflops", "0.004", "--folds", "3", "--threads", "1", "--output",
      "plan.json", "--quiet"},
     "plan.json"},
    {"lucid-train",
     {"--config", "plan.json", "--fold", "all", "--epochs", "2", "--output", "runs/t", "--threads",
      "1", "--quiet"},
     ""},
    {"lucid-infer",
     {"--checkpoint", "runs/t", "--input", "../T/imagesTs", "--output", "predictions/",
      "--activation", "argmax", "--threads", "1", "--quiet"},
     ""}};

double run_straight(const TempDir& dir, const std::string& folder, const Step& step) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  const ProgramResult result = run_program(step.program, step.arguments, {.cwd = dir / folder});
  CAPTURE(step.program);
  CAPTURE(result.err);
  REQUIRE(result.code == 0);
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// Kills the program after a part of the time that it takes, again and again, and lets it end then.
void run_killed(const TempDir& dir, const std::string& folder, const Step& step, double seconds,
                Rng& rng) {
  CAPTURE(step.program);
  constexpr int kKills = 5;
  for (int kill = 0; kill < kKills; ++kill) {
    Program program(step.program, step.arguments, {.cwd = dir / folder});
    std::this_thread::sleep_for(std::chrono::duration<double>(rng.uniform() * seconds));
    program.signal(SIGKILL);
    const ProgramResult result = program.finish();
    CAPTURE(result.err);
    const bool is_done = !step.result.empty() && fs::exists(dir / folder / step.result);
    if (is_done) return;
    CHECK((result.code == 128 + SIGKILL || result.code == 0));
  }
  run_straight(dir, folder, step);
}

}  // namespace

TEST_CASE("three commands lead from scans to predictions of an ensemble, killed anywhere or not") {
  const TempDir dir;
  write_set(dir);
  fs::create_directory(dir / "straight");
  fs::create_directory(dir / "killed");
  Rng rng(1, "kills");
  for (const Step& step : steps) {
    const double seconds = run_straight(dir, "straight", step);
    run_killed(dir, "killed", step, seconds, rng);
  }
  for (const std::string file : {"plan.json", "runs/t/summary.json", "runs/t/splits_final.json",
                                 "predictions/case6.nii.gz", "predictions/case7.nii.gz"}) {
    CAPTURE(file);
    REQUIRE(fs::exists(dir / "straight" / file));
    CHECK(read_text(dir / "killed" / file) == read_text(dir / "straight" / file));
  }
}

}  // namespace lucid::test
