#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "cli/results.h"
#include "data/hdf5/h5_files.h"
#include "data/hdf5/write.h"
#include "paths.h"
#include "support/experiment.h"

namespace lucid {
namespace {

using test::Experiment;
using test::ProgramResult;
using test::refusal;
using Words = std::vector<std::string>;

struct NetworkOfRun {
  NetworkOfRun() { experiment.train("run"); }
  ProgramResult infer(const Words& more) const {
    Words arguments{"--checkpoint", "run/checkpoints/last.h5", "--threads", "1", "--overwrite"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return test::run_program("lucid-infer", arguments, {.cwd = experiment.folder.path()});
  }
  Experiment experiment;
};

}  // namespace

TEST_CASE("lucid-infer: help and version go to stdout") {
  const ProgramResult help = test::run_program("lucid-infer", {"--help"});
  CHECK(help.code == 0);
  CHECK(help.err == "");
  for (const std::string option :
       {"--checkpoint", "--input", "--dataset", "--axes", "--target", "--output", "--activation",
        "--batch-size", "--threads", "--precision", "--calibrate", "--max-loss", "--csv", "--json",
        "--version"}) {
    CAPTURE(option);
    CHECK(help.out.find(option) != std::string::npos);
  }
  const ProgramResult version = test::run_program("lucid-infer", {"--version"});
  CHECK(version.code == 0);
  CHECK(version.out == "lucid-infer " LUCID_VERSION "\n");
}

TEST_CASE("lucid-infer: results go to stdout, a line of progress to stderr") {
  const NetworkOfRun f;
  const ProgramResult result = f.infer({"--input", "validation.h5", "--output", "out.h5"});
  CHECK(result.code == 0);
  CHECK(result.out == "samples 7, predictions 7x3 in out.h5\n");
  CHECK(result.err.starts_with("predicted 7 samples in "));
  CHECK(std::ranges::count(result.err, '\n') == 1);
  CHECK(result.err.find_first_of("\r\033") == std::string::npos);
  CHECK(f.infer({"--input", "validation.h5", "--output", "out.h5", "--quiet"}).err == "");
}

TEST_CASE("lucid-infer: the checkpoint is all it needs") {
  const NetworkOfRun f;
  const test::TempDir elsewhere;
  std::filesystem::copy(f.experiment.last("run"), elsewhere / "a.h5");
  std::filesystem::rename(f.experiment / "validation.h5", elsewhere / "b.h5");
  std::filesystem::remove(f.experiment / "train.h5");
  const ProgramResult result = test::run_program(
      "lucid-infer", {"--checkpoint", "a.h5", "--input", "b.h5", "--output", "c.h5"},
      {.cwd = elsewhere.path()});
  CHECK(result.code == 0);
  CHECK(hdf5::File(elsewhere / "c.h5").open("predictions").shape() == Shape{7, 3});
}

TEST_CASE("lucid-infer: bfloat16 predicts nearly the same") {
  const NetworkOfRun f;
  const Words arguments{"--input", "validation.h5", "--target", "labels", "--json", "--quiet"};
  const auto loss_in = [&](const std::string& precision) -> double {
    Words all = arguments;
    all.insert(all.end(), {"--output", precision + ".h5", "--precision", precision});
    return parse_json(f.infer(all).out, "stdout")["values"]["loss"];
  };
  if (!precision_error(Precision::kBfloat16).empty()) {
    MESSAGE("skipped: ", precision_error(Precision::kBfloat16));
    return;
  }
  const double exact = loss_in("float32"), rounded = loss_in("bfloat16");
  CHECK(rounded != exact);
  CHECK(std::abs(rounded - exact) < 0.02 * exact);
}

TEST_CASE("lucid-infer: bfloat16 is refused where the processor lacks it") {
  const NetworkOfRun f;
  const ProgramResult result = test::run_program(
      "lucid-infer",
      {"--checkpoint", "run/checkpoints/last.h5", "--input", "validation.h5", "--output", "out.h5",
       "--precision", "bfloat16"},
      {.cwd = f.experiment.folder.path(), .env = {{"ONEDNN_MAX_CPU_ISA", "AVX2"}}});
  CHECK(refusal(result) ==
        "2: --precision: expected 'float32' on a processor without AVX512_BF16 or AMX, found "
        "'bfloat16'; this one has AVX2");
  CHECK_FALSE(std::filesystem::exists(f.experiment / "out.h5"));
}

TEST_CASE("lucid-infer: loss and metrics of a target, as text and as JSON") {
  const NetworkOfRun f;
  const Json validation = f.experiment.metrics("run", "epoch").back()["validation"];
  const Words arguments{"--input", "validation.h5", "--output", "out.h5", "--target", "labels"};
  const ProgramResult text = f.infer(arguments);
  CHECK(text.out == "samples 7, predictions 7x3 in out.h5\nloss " +
                        number_text(validation["loss"].get<float>()) + "\naccuracy " +
                        number_text(validation["accuracy"].get<float>()) + "\n");
  Words with_json = arguments;
  with_json.emplace_back("--json");
  const Json json = parse_json(f.infer(with_json).out, "stdout");
  CHECK(json["samples"] == 7);
  CHECK(json["predictions"] == Json({7, 3}));
  CHECK(json["output"] == "out.h5");
  CHECK(json["values"] == validation);
}

TEST_CASE("lucid-infer: globs and several inputs are joined, tables written") {
  const NetworkOfRun f;
  const ProgramResult result =
      f.infer({"--input", "t*.h5", "validation.h5", "--output", "out.h5", "--csv", "out.csv",
               "--activation", "argmax", "--batch-size", "4"});
  CHECK(result.code == 0);
  CHECK(result.out == "samples 19, predictions 19 in out.h5\n");
  CHECK(std::ranges::count(test::read_text(f.experiment / "out.csv"), '\n') == 20);
}

TEST_CASE("lucid-infer: a NaN is one warning, and no failure") {
  const NetworkOfRun f;
  std::vector<float> values(std::size_t{12} * 216);
  values[0] = values[2000] = std::numeric_limits<float>::quiet_NaN();
  hdf5::Writer writer(f.experiment / "nan.h5");
  writer.write<float>("volumes", {12, 1, 6, 6, 6}, values);
  writer.close();
  const ProgramResult result =
      f.infer({"--input", "nan.h5", "--output", "out.h5", "--batch-size", "1", "--quiet"});
  CHECK(result.code == 0);
  CHECK(result.err ==
        "warning: nan.h5: /volumes, sample 0, voxel (0, 0, 0): found nan; NaN and infinite values "
        "were passed through to the predictions; another volume has such values, too\n");
}

TEST_CASE("lucid-infer: what the targets leave undefined is told, and no failure") {
  const NetworkOfRun f;
  test::store(f.experiment / "validation.h5", "ignored",
              {{7}, std::vector<double>(7, -100), H5T_STD_I16LE});
  const ProgramResult result =
      f.infer({"--input", "validation.h5", "--target", "ignored", "--output", "out.h5", "--quiet"});
  CHECK(result.code == 0);
  CHECK(result.out == "samples 7, predictions 7x3 in out.h5\nloss undefined\naccuracy undefined\n");
  CHECK(result.err ==
        "warning: validation.h5: /ignored: loss is not defined: no target counts in the loss: each "
        "is ignored, or its class has weight 0\n"
        "warning: validation.h5: /ignored: accuracy is not defined: no label counts: each is "
        "ignored\n");
}

TEST_CASE("lucid-infer: wrong arguments are one line and exit code 2") {
  const NetworkOfRun f;
  CHECK(refusal(test::run_program("lucid-infer", {})).starts_with("2: lucid-infer: --"));
  CHECK(refusal(f.infer({"--input", "a.h5", "--output", "b.h5", "--sigmoid"}))
            .starts_with("2: lucid-infer: "));
  CHECK(refusal(f.infer({"--input", "a.h5", "--output", "b.h5", "--activation", "tanh"}))
            .starts_with("2: lucid-infer: --activation: "));
  CHECK(refusal(f.infer({"--input", "a.h5", "--output", "b.h5"})) == "2: a.h5: no such file");
  CHECK(refusal(f.infer({"--input", "*.hdf5", "--output", "b.h5"})) ==
        "2: *.hdf5: no file matches");
  CHECK(refusal(f.infer({"--input", "validation.h5", "--output", "validation.h5"})) ==
        "2: validation.h5: expected another file for the output, found the input");
}

TEST_CASE("lucid-infer: data and checkpoints that do not fit are one line and exit code 3") {
  const NetworkOfRun f;
  CHECK(refusal(f.infer({"--input", "validation.h5", "--dataset", "values", "--output", "b.h5"})) ==
        "3: validation.h5: /values: expected 3 to 5 axes, found shape 7x2; a table (N, F) is "
        "stored as (N, F, 1, 1, 1)");
  CHECK(refusal(test::run_program("lucid-infer",
                                  {"--checkpoint", "train.h5", "--input", "a", "--output", "b"},
                                  {.cwd = f.experiment.folder.path()})) ==
        "3: train.h5: expected a checkpoint or weights file with the group /parameters, found "
        "none");
  CHECK_FALSE(std::filesystem::exists(f.experiment / "b.h5"));
}

TEST_CASE("lucid-infer: a full disk is one line and exit code 1, the old output stays") {
  const NetworkOfRun f;
  f.experiment.folder.write("out.h5", "precious");
  const ProgramResult result = test::run_program(
      "/bin/sh",
      {"-c", "ulimit -f 2; exec " + std::string(LUCID_BINARY_DIR) +
                 "/lucid-infer --checkpoint run/checkpoints/last.h5 --input train.h5 --output "
                 "out.h5 --overwrite --quiet"},
      {.cwd = f.experiment.folder.path()});
  CHECK(result.code == 1);
  CHECK(result.err == "out.h5: cannot be written: File too large\n");
  CHECK(test::read_text(f.experiment / "out.h5") == "precious");
}

}  // namespace lucid
