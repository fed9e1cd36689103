#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>

#include "cli/results.h"
#include "infer/tiled/segmenter.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;
using test::ProgramResult;
using test::read_text;
using Words = std::vector<std::string>;

struct TiledInference : test::Segmenter {
  TiledInference() { add_volume("a.h5", {24, 20, 16}); }

  Words words(const Words& more) const {
    Words all{"--checkpoint", "run/checkpoints/last.h5", "--overwrite", "--threads", "1", "--input",
              "a.h5"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  ProgramResult infer(const Words& more) const {
    return test::run_program("lucid-infer", words(more), {.cwd = experiment.folder.path()});
  }
  std::string refusal(const Words& more) const { return test::refusal(infer(more)); }
  std::string type_of(const std::string& file) const {
    return hdf5::File(experiment / file).open("predictions").info().type;
  }
};

// Stops the program with the signal once it has finished a slab, and starts it again.
void interrupt_and_resume(int signal, int expected_code) {
  TiledInference f;
  f.add_volume("large.h5", {96, 48, 48});
  const Words words{"--checkpoint", "run/checkpoints/last.h5",
                    "--input",      "large.h5",
                    "--threads",    "1",
                    "--overlap",    "0.7",
                    "--activation", "softmax",
                    "--output"};
  const auto with_output = [&](const std::string& name) {
    Words all = words;
    all.push_back(name);
    return all;
  };
  const test::RunOptions there{.cwd = f.experiment.folder.path()};
  REQUIRE(test::run_program("lucid-infer", with_output("whole.h5"), there).code == 0);
  test::Program program("lucid-infer", with_output("out.h5"), there);
  while (program.is_running() && !fs::exists(f.experiment / "out.h5.partial/done-0-0"))
    std::this_thread::yield();
  program.signal(signal);
  const ProgramResult stopped = program.finish();
  CHECK(stopped.code == expected_code);
  CHECK_FALSE(fs::exists(f.experiment / "out.h5"));
  CHECK(fs::exists(f.experiment / "out.h5.partial"));
  if (signal != SIGKILL)
    CHECK(stopped.err ==
          "stopped; what is finished lies in out.h5.partial: the same command goes on with it\n");
  const ProgramResult rest = test::run_program("lucid-infer", with_output("out.h5"), there);
  CHECK(rest.code == 0);
  CHECK(rest.err.find(" earlier\n") != std::string::npos);
  CHECK(read_text(f.experiment / "out.h5") == read_text(f.experiment / "whole.h5"));
  CHECK_FALSE(fs::exists(f.experiment / "out.h5.partial"));
}

}  // namespace

TEST_CASE("lucid-infer: options of windows are in its help") {
  const ProgramResult help = test::run_program("lucid-infer", {"--help"});
  for (const std::string option :
       {"--patch", "--overlap", "--blend", "--tta", "--memory", "--output-type"}) {
    CAPTURE(option);
    CHECK(help.out.find(option) != std::string::npos);
  }
}

TEST_CASE("lucid-infer: windows are told with their number and size") {
  const TiledInference f;
  const ProgramResult result = f.infer({"--output", "out.h5", "--patch", "16,20,16", "--overlap",
                                        "auto", "--blend", "constant", "--tta", "hd"});
  CHECK(result.code == 0);
  CHECK(result.out == "samples 1, predictions 1x3x24x20x16 in out.h5\n");
  CHECK(result.err.starts_with(
      "warning: run/checkpoints/last.h5: --tta dh expects a network that was trained on mirror "
      "images along d, h, found RandomFlip along none; predictions may be much worse: leave "
      "--tta out, or train with RandomFlip along d, h\npredicted 1 samples in "));
  CHECK(result.err.ends_with(" s, 3 windows of 16x20x16\n"));
  CHECK(std::ranges::count(result.err, '\n') == 2);
  const Json json = parse_json(
      f.infer({"--output", "out.h5", "--patch", "auto", "--memory", "200", "--json"}).out,
      "stdout");
  CHECK(json["patch"] == Json({24, 20, 16}));
  CHECK(json["windows"] == 1);
  CHECK(json["windows_computed"] == 1);
  CHECK(json["predictions"] == Json({1, 3, 24, 20, 16}));
}

TEST_CASE("lucid-infer: where training mirrored along no axis --tta flips mirrors nothing") {
  const TiledInference f;
  REQUIRE(f.infer({"--output", "without.h5", "--quiet"}).code == 0);
  const ProgramResult result = f.infer({"--output", "out.h5", "--tta", "flips", "--quiet"});
  CHECK(result.code == 0);
  CHECK(result.err.starts_with(
      "warning: run/checkpoints/last.h5: --tta flips expects a network that was trained on mirror "
      "images, found RandomFlip along none: nothing is mirrored; name axes, as in --tta w, to "
      "mirror anyhow\nwarning: --overlap: "));
  CHECK(read_text(f.experiment / "out.h5") == read_text(f.experiment / "without.h5"));
}

TEST_CASE("lucid-infer: several volumes of any sizes have a line each") {
  TiledInference f;
  f.add_volume("b.h5", {16, 16, 16});
  const ProgramResult result = f.infer({"b.h5", "--output", "out.h5", "--activation", "argmax",
                                        "--output-type", "uint8", "--quiet"});
  CHECK(result.out ==
        "samples 2, predictions of 2 volumes in out.h5\npredictions/a 1x24x20x16\n"
        "predictions/b 1x16x16x16\n");
  CHECK(result.code == 0);
  CHECK(hdf5::File(f.experiment / "out.h5").open("predictions/b").info().type == "uint8");
}

TEST_CASE("lucid-infer: a small overlap is one warning") {
  const TiledInference f;
  const ProgramResult result = f.infer({"--output", "out.h5", "--overlap", "0.1", "--quiet"});
  CHECK(result.code == 0);
  CHECK(result.err.starts_with("warning: --overlap: the network's receptive field is 11 voxels"));
  CHECK(std::ranges::count(result.err, '\n') == 1);
}

TEST_CASE("lucid-infer: wrong options of windows are one line and exit code 2") {
  const TiledInference f;
  CHECK(f.refusal({"--output", "o.h5", "--patch", "0"}) ==
        "2: --patch: expected S or D,H,W, each at least 1, found '0'");
  CHECK(f.refusal({"--output", "o.h5", "--overlap", "1"}) ==
        "2: --overlap: expected a number from 0 to below 1, or auto, found '1'");
  CHECK(f.refusal({"--output", "o.h5", "--overlap", "half"}) ==
        "2: --overlap: expected a number from 0 to below 1, or auto, found 'half'");
  CHECK(f.refusal({"--output", "o.h5", "--memory", "100"}) ==
        "2: --memory: expected it with --patch auto only");
  CHECK(
      f.refusal({"--output", "o.h5", "--blend", "none"}).starts_with("2: lucid-infer: --blend: "));
  CHECK(f.refusal({"--output", "o.h5", "--tta", "dwd"}) ==
        "2: --tta: expected none, flips, or different letters of d, h, w, found 'dwd'");
  CHECK(f.refusal({"--output", "o.h5", "--output-type", "int32"}) ==
        "2: --output-type: expected one of float32, float16 for the activation 'none' of 3 "
        "channels, found 'int32'");
  CHECK(f.refusal({"--output", "o.h5", "--csv", "o.csv"}) ==
        "2: o.csv: --csv expects predictions of (N) or (N, K), found those of voxels; volumes are "
        "written to --output");
  CHECK_FALSE(fs::exists(f.experiment / "o.h5"));
  CHECK_FALSE(fs::exists(f.experiment / "o.h5.partial"));
}

TEST_CASE("lucid-infer: SIGTERM leaves what is finished, and the next run goes on with it") {
  interrupt_and_resume(SIGTERM, 143);
}

TEST_CASE("lucid-infer: after SIGKILL the next run goes on with what was finished") {
  interrupt_and_resume(SIGKILL, 137);
}

}  // namespace lucid
