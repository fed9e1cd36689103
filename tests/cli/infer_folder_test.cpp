#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <map>
#include <memory>
#include <thread>

#include "cli/results.h"
#include "formats/readers/nifti.h"
#include "infer/tiled/segmenter.h"

// lucid-infer with a folder as output: what is complete is not predicted again, and processes share
// the files.
namespace lucid {
namespace {

namespace fs = std::filesystem;
using test::Program;
using test::ProgramResult;
using test::read_text;
using Words = std::vector<std::string>;

struct Folder : test::Segmenter {
  Folder() {
    for (const auto& [name, depth] : {std::pair{"a", 64}, {"b", 40}, {"c", 16}, {"d", 48}}) {
      const std::vector<std::uint8_t> voxels =
          add_volume(std::string(name) + ".h5", {depth, 32, 32});
      write_nifti(
          {experiment / (std::string(name) + ".nii"), true}, ElementType::kUint8, {depth, 32, 32},
          plain_geometry({1, 1, 2}), [&](std::int64_t begin, std::span<std::byte> out) {
            std::copy_n(std::as_bytes(std::span(voxels)).begin() + begin, out.size(), out.begin());
          });
    }
    const auto begin = std::chrono::steady_clock::now();
    REQUIRE(start("one/")->finish().code == 0);
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    for (const char* name : kNames) expected[name] = read_text(experiment / "one" / name);
  }

  Words words(const std::string& output, const Words& more = {}) const {
    Words all{"--checkpoint", "run/checkpoints/last.h5",
              "--threads",    "1",
              "--overlap",    "0.7",
              "--activation", "argmax",
              "--format",     "nii.gz",
              "--output",     output,
              "--input",      "a.nii",
              "b.nii",        "c.h5",
              "d.nii"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  std::unique_ptr<Program> start(const std::string& output = "found/",
                                 const Words& more = {}) const {
    return std::make_unique<Program>("lucid-infer", words(output, more),
                                     test::RunOptions{.cwd = experiment.folder.path()});
  }
  void check_output() const {
    for (const char* name : kNames) CHECK(read_text(found / name) == expected.at(name));
    Words others;
    for (const auto& entry : fs::directory_iterator(found))
      if (const std::string name = entry.path().filename().string(); !expected.contains(name))
        others.push_back(name);
    CHECK(others == Words{"lucid-infer.json"});
  }
  fs::file_time_type written(const std::string& name) const {
    return fs::last_write_time(found / name);
  }

  static constexpr const char* kNames[] = {"a.nii.gz", "b.nii.gz", "c.nii.gz", "d.nii.gz"};
  double seconds = 0;
  std::map<std::string, std::string> expected;
  fs::path found = experiment / "found";
};

}  // namespace

TEST_CASE("lucid-infer: a folder's files that are complete are not predicted again") {
  const Folder f;
  CHECK(f.start()->finish().code == 0);
  f.check_output();
  const auto before = f.written("a.nii.gz");
  fs::remove(f.found / "b.nii.gz");
  const ProgramResult again = f.start("found/", {"--json"})->finish();
  CAPTURE(again.err);
  CHECK(again.code == 0);
  const Json json = parse_json(again.out, "stdout");
  CHECK(json["files_of_others"] == 3);
  CHECK(json["samples"] == 4);
  CHECK(json["predictions"]["c.nii.gz"] == Json({1, 16, 32, 32}));
  CHECK(again.err.find(", 3 files earlier or by others, ") != std::string::npos);
  f.check_output();
  CHECK(f.written("a.nii.gz") == before);
}

TEST_CASE("lucid-infer: a folder's file that is of something else is an error, or replaced") {
  const Folder f;
  CHECK(f.start()->finish().code == 0);
  const std::string exists = "2: found/a.nii.gz: exists; --overwrite replaces it";
  // Other options, another input, changed content, and a file that lucid-infer has not written.
  CHECK(test::refusal(f.start("found/", {"--blend", "constant"})->finish()) == exists);
  CHECK(test::refusal(f.start("found/", {"--tta", "w"})->finish()) == exists);
  fs::last_write_time(f.experiment / "a.nii", fs::file_time_type::clock::now());
  CHECK(test::refusal(f.start()->finish()) == exists);
  CHECK(f.start("found/", {"--overwrite"})->finish().code == 0);
  CHECK(f.start()->finish().code == 0);
  std::ofstream(f.found / "a.nii.gz", std::ios::app) << "more";
  CHECK(test::refusal(f.start()->finish()) == exists);
  const auto before = f.written("b.nii.gz");
  CHECK(f.start("found/", {"--overwrite"})->finish().code == 0);
  f.check_output();
  CHECK(f.written("b.nii.gz") == before);
  std::ofstream(f.found / "lucid-infer.json") << "[]";
  CHECK(
      test::refusal(f.start()->finish()) ==
      "2: found/lucid-infer.json: expected the list of predictions that lucid-infer writes, found "
      "something else; choose another folder for --output");
}

TEST_CASE("lucid-infer: a folder's prediction goes on after SIGKILL at any moment") {
  const Folder f;
  Rng rng(1, "folder");
  int killed = 0;
  for (int round = 0; round < 12; ++round) {
    CAPTURE(round);
    if (round % 4 == 0) fs::remove_all(f.found);
    const auto program = f.start("found/", round < 6 ? Words() : Words{"--overwrite"});
    std::this_thread::sleep_for(std::chrono::duration<double>(rng.uniform() * 0.6 * f.seconds));
    program->signal(SIGKILL);
    const ProgramResult result = program->finish();
    CAPTURE(result.err);
    CHECK((result.code == 0 || result.code == 128 + SIGKILL));
    killed += result.code == 0 ? 0 : 1;
  }
  CHECK(killed > 0);
  CHECK(f.start()->finish().code == 0);
  f.check_output();
}

TEST_CASE("lucid-infer: an output that a killed process did not tell of is complete") {
  const Folder f;
  CHECK(f.start()->finish().code == 0);
  // As if it had been killed between the two: the list lacks the file, whose beginning is known.
  const Json list = parse_json(read_text(f.found / "lucid-infer.json"), "list");
  Json shorter = list;
  shorter["predictions"].erase("b.nii.gz");
  f.experiment.folder.write("found/lucid-infer.json", json_text(shorter));
  Json begun{{"made_from", list["predictions"]["b.nii.gz"]["made_from"]}, {"replaces", nullptr}};
  f.experiment.folder.write("found/lucid-infer.partial/begun-b.nii.gz", json_text(begun));
  const auto before = f.written("b.nii.gz");
  CHECK(f.start()->finish().code == 0);
  CHECK(f.written("b.nii.gz") == before);
  f.check_output();
  // But not if it is the file that was there before.
  begun["replaces"] = list["predictions"]["b.nii.gz"]["content"];
  f.experiment.folder.write("found/lucid-infer.json", json_text(shorter));
  f.experiment.folder.write("found/lucid-infer.partial/begun-b.nii.gz", json_text(begun));
  CHECK(test::refusal(f.start()->finish()) == "2: found/b.nii.gz: exists; --overwrite replaces it");
  CHECK(f.start("found/", {"--overwrite"})->finish().code == 0);
  CHECK(f.written("b.nii.gz") != before);
  f.check_output();
}

TEST_CASE("lucid-infer: three processes share the files of a folder, whichever are killed") {
  const Folder f;
  Rng rng(2, "folder");
  for (int round = 0; round < 8; ++round) {
    CAPTURE(round);
    fs::remove_all(f.found);
    std::vector<std::unique_ptr<Program>> programs;
    while (programs.size() < 3) programs.push_back(f.start());
    if (round > 1) {
      std::this_thread::sleep_for(std::chrono::duration<double>(rng.uniform() * f.seconds));
      programs[0]->signal(SIGKILL);
      if (round > 4) programs[1]->signal(SIGKILL);
    }
    for (std::size_t i = 0; i < programs.size(); ++i) {
      const ProgramResult result = programs[i]->finish();
      CAPTURE(result.err);
      const bool may_be_killed = (round > 1 && i == 0) || (round > 4 && i == 1);
      CHECK((result.code == 0 || (may_be_killed && result.code == 128 + SIGKILL)));
      if (result.code == 0) CHECK(result.out.starts_with("samples 4, predictions of 4 volumes"));
    }
    // One that was killed last may have left a file that nobody was there to remove.
    if (round > 1) CHECK(f.start()->finish().code == 0);
    f.check_output();
  }
}

TEST_CASE("lucid-infer: Ctrl-C amid a folder tells how to go on") {
  const Folder f;
  const auto program = f.start();
  while (program->is_running() && !fs::exists(f.found / "a.nii.gz.partial/done-0-0"))
    std::this_thread::yield();
  program->signal(SIGINT);
  const ProgramResult stopped = program->finish();
  CHECK(stopped.code == 128 + SIGINT);
  CHECK(stopped.err ==
        "stopped; what is finished lies in found/: the same command goes on with it\n");
  const ProgramResult rest = f.start()->finish();
  CHECK(rest.code == 0);
  CHECK(rest.err.find(" earlier\n") != std::string::npos);
  f.check_output();
}

}  // namespace lucid
