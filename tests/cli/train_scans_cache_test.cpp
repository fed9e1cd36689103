#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "cli/scan_experiment.h"
#include "support/ranked.h"

// What lucid-train keeps of images and labels that it has imported.
namespace lucid {
namespace {

namespace fs = std::filesystem;
using test::Program;
using test::ProgramResult;
using test::ScanExperiment;

bool has_imported(const ProgramResult& result) {
  return result.err.find("imported ") != std::string::npos;
}

// Adds cases whose voxels cannot be deflated, so that an import takes a while.
void write_large(const ScanExperiment& experiment, int count) {
  Rng rng(1, "large");
  const test::Phantom shape{"", {64, 160, 160}, {1, 1, 1}, "", ""};
  std::string image;
  for (int i = 0; i < 64 * 160 * 160; ++i) image += static_cast<char>(rng.below(256));
  for (int i = 0; i < count; ++i) {
    const std::string name = "large" + std::to_string(i) + ".nii";
    experiment.folder.write("imagesTr/" + name, nifti_of(shape, image));
    experiment.folder.write("labelsTr/" + name, nifti_of(shape, std::string(image.size(), '\1')));
  }
}

std::vector<std::string> files_below(const fs::path& folder) {
  std::vector<std::string> files;
  if (fs::exists(folder))
    for (const auto& entry : fs::recursive_directory_iterator(folder))
      if (!entry.is_directory()) files.push_back(entry.path().filename().string());
  return files;
}

bool holds_unfinished(const ScanExperiment& experiment) {
  for (const std::string& file : files_below(experiment.folder / "imported"))
    if (file.find(".unfinished-") != std::string::npos) return true;
  return false;
}

// Returns when the program writes an imported file.
void wait_for_import(Program& program, const ScanExperiment& experiment) {
  while (program.is_running() && !holds_unfinished(experiment))
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

}  // namespace

TEST_CASE("lucid-train imports scans once, for all runs of a folder") {
  ScanExperiment experiment;
  CHECK(has_imported(experiment.train("first")));
  const auto files = experiment.imported();
  CHECK(files.size() == 6);
  CHECK(experiment.imported(".json").size() == 6);
  CHECK_FALSE(has_imported(experiment.train("second/")));
  CHECK_FALSE(has_imported(experiment.train("third", {"--dry-run"})));
  CHECK_FALSE(has_imported(experiment.lucid("train", {"--resume", "first", "--epochs", "3"})));
  CHECK(experiment.imported() == files);
  CHECK(experiment.last("second") != experiment.last("first"));
}

TEST_CASE("lucid-train imports a scan anew when its image or its label has changed") {
  ScanExperiment experiment;
  REQUIRE(experiment.train("run").code == 0);
  const test::Phantom phantom = test::phantoms(5)[0];  // of the same size
  experiment.folder.write("imagesTr/case.nii.gz", test::gzip(nifti_of(phantom, phantom.image)));
  CHECK(experiment.train("image").err.find("imported 1 of 6 volumes") != std::string::npos);
  experiment.folder.write("labelsVal/case.nii.gz", test::gzip(nifti_of(phantom, phantom.label)));
  CHECK(experiment.train("label").err.find("imported 1 of 6 volumes") != std::string::npos);
  CHECK(experiment.imported().size() == 8);
  CHECK(experiment.last("label") != experiment.last("run"));
}

TEST_CASE("lucid-train imports again what is not complete in the folder of imported scans") {
  ScanExperiment experiment;
  REQUIRE(experiment.train("run").code == 0);
  const auto files = experiment.imported(), records = experiment.imported(".json");
  fs::remove(files[0].first);
  fs::remove(records[1].first);
  std::ofstream(records[2].first) << "{";
  std::ofstream(records[3].first) << R"({"made_of": {}, "warnings": []})";
  const ProgramResult again = experiment.train("again");
  CHECK(again.err.find("imported 4 of 6 volumes") != std::string::npos);
  CHECK(experiment.last("again") == experiment.last("run"));
  CHECK_FALSE(has_imported(experiment.train("third")));
}

TEST_CASE("a run on scans that was stopped goes on, also where the imported files are gone") {
  ScanExperiment experiment;
  experiment.json["train"]["epochs"] = 4;
  REQUIRE(experiment.train("straight").code == 0);
  REQUIRE(experiment.train("run", {"--until-epoch", "1"}).code == 0);
  REQUIRE(
      experiment.lucid("train", {"--resume", "run", "--until-epoch", "2", "--threads", "1"}).code ==
      0);
  fs::remove_all(experiment.folder / "imported");
  const ProgramResult resumed = experiment.lucid("train", {"--resume", "run", "--threads", "1"});
  CHECK(resumed.code == 0);
  CHECK(resumed.err.find("imported 6 of 6 volumes") != std::string::npos);
  CHECK(resumed.err.find("warning") == std::string::npos);
  CHECK(experiment.last("run") == experiment.last("straight"));
}

TEST_CASE("warnings of an import are those of every run on its files") {
  ScanExperiment experiment;
  test::Phantom moved = test::phantoms(1)[0];
  moved.spacing[0] = 4;
  experiment.folder.write("labelsTr/case.nii.gz", test::gzip(nifti_of(moved, moved.label)));
  const std::string warning = "labelsTr/case.nii.gz: lies elsewhere than ";
  for (const std::string run : {"first", "second"}) {
    CHECK(experiment.train(run).err.find(warning) != std::string::npos);
    CHECK(test::read_text(experiment.folder / run / "log.txt").find(warning) != std::string::npos);
  }
}

TEST_CASE("lucid-train: an import that is killed leaves nothing that the next run would read") {
  ScanExperiment experiment;
  write_large(experiment, 3);
  experiment.write_config();
  for (int kills = 0; kills < 3; ++kills) {
    Program program("lucid-train", experiment.arguments("run"), {.cwd = experiment.folder.path()});
    wait_for_import(program, experiment);
    std::this_thread::sleep_for(std::chrono::milliseconds(20 * kills));
    program.signal(SIGKILL);
    program.finish();
  }
  CHECK(experiment.train("run", {"--overwrite"}).code == 0);
  CHECK_FALSE(holds_unfinished(experiment));
  CHECK(experiment.imported().size() == 9);
  const ProgramResult imported = experiment.train_imported("h5");
  CHECK(imported.code == 0);
  CHECK(experiment.last("run") == experiment.last("h5"));
}

TEST_CASE("lucid-train: a signal ends an import at once and leaves no file of it") {
  for (const int signal : {SIGINT, SIGTERM})
    for (const std::string ranks : {"1", "2"}) {
      CAPTURE(ranks);
      ScanExperiment experiment;
      write_large(experiment, 4);
      experiment.write_config();
      Program program("lucid-train", experiment.arguments("run", {"--ranks", ranks}),
                      {.cwd = experiment.folder.path()});
      wait_for_import(program, experiment);
      REQUIRE(program.is_running());
      program.signal(signal);
      const ProgramResult result = program.finish();
      CAPTURE(result.err);
      CHECK(result.code == 128 + signal);
      CHECK_FALSE(holds_unfinished(experiment));
      CHECK_FALSE(fs::exists(experiment.folder / "run"));
      CHECK(experiment.imported().size() == experiment.imported(".json").size());
    }
}

TEST_CASE("lucid-train: runs that begin together import each scan once") {
  ScanExperiment experiment;
  write_large(experiment, 2);
  experiment.write_config();
  std::vector<std::unique_ptr<Program>> programs;
  for (const std::string run : {"a", "b", "c"})
    programs.push_back(
        std::make_unique<Program>("lucid-train", experiment.arguments(run),
                                  test::RunOptions{.cwd = experiment.folder.path()}));
  std::int64_t imported = 0;
  for (const auto& program : programs) {
    const ProgramResult result = program->finish();
    CHECK(result.code == 0);
    const auto at = result.err.find("imported ");
    if (at != std::string::npos) imported += std::stoll(result.err.substr(at + 9));
  }
  CHECK(imported == 8);
  CHECK(experiment.imported().size() == 8);
  CHECK(experiment.last("a") == experiment.last("b"));
  CHECK(experiment.last("a") == experiment.last("c"));
}

TEST_CASE("lucid-runs list takes the folder of imported files for no run") {
  ScanExperiment experiment;
  REQUIRE(experiment.train("runs/a").code == 0);
  CHECK(fs::exists(experiment.folder / "runs/imported"));
  const ProgramResult listed = experiment.lucid("runs", {"list", "runs"});
  CHECK(listed.err == "");
  CHECK(listed.out.find("imported") == std::string::npos);
}

}  // namespace lucid
