#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "data/hdf5/h5_files.h"
#include "data/hdf5/write.h"
#include "infer/infer.h"
#include "infer/predict/go_on.h"
#include "support/experiment.h"
#include "support/from_text.h"

namespace lucid {
namespace {

using test::Experiment;
using test::go_on;
using test::read_text;

struct OutputFixture {
  OutputFixture() {
    experiment.train("run");
    options.checkpoints = {experiment.last("run")};
    options.inputs = {(experiment / "validation.h5").string()};
    options.output = experiment / "out.h5";
    options.may_overwrite = true;
    options.threads = 1;
  }
  std::string error(const std::function<bool(std::int64_t, std::int64_t)>& progress = go_on) {
    return test::from_inside(experiment.folder.path(),
                             test::error_of([&] { infer(options, progress); }));
  }
  // Counts the unfinished files of the folder.
  std::ptrdiff_t unfinished() const {
    const std::filesystem::directory_iterator files(experiment.folder.path());
    return std::count_if(begin(files), end(files), [](const auto& file) {
      return file.path().string().find("unfinished") != std::string::npos;
    });
  }

  Experiment experiment;
  InferOptions options;
};

// Writes six volumes; one voxel of the third is a NaN, one of the fifth is infinite.
void write_spoilt(const std::filesystem::path& file) {
  std::vector<float> values(std::size_t{6} * 216, 0.5F);
  values[2 * 216 + 100] = std::numeric_limits<float>::quiet_NaN();
  values[4 * 216] = std::numeric_limits<float>::infinity();
  hdf5::Writer writer(file);
  writer.write<float>("volumes", {6, 1, 6, 6, 6}, values);
  writer.close();
}

}  // namespace

TEST_CASE("a NaN goes through to the predictions of its sample, and of no other") {
  OutputFixture f;
  write_spoilt(f.experiment / "spoilt.h5");
  f.options.inputs = {(f.experiment / "spoilt.h5").string()};
  CHECK(infer(f.options, go_on).non_finite ==
        (f.experiment / "spoilt.h5").string() +
            ": /volumes, sample 2, voxel (2, 4, 4): found nan; NaN and infinite values were passed "
            "through to the predictions; another volume has such values, too");
  const auto found = hdf5::File(f.options.output).open("predictions").read<float>();
  for (std::size_t i = 0; i < found.size(); ++i) {
    CAPTURE(i);
    const bool is_spoilt = i / 3 == 2 || i / 3 == 4;
    CHECK(std::isfinite(found[i]) == !is_spoilt);
  }
}

TEST_CASE("a run that fails keeps the output that was there") {
  OutputFixture f;
  f.experiment.folder.write("out.h5", "precious");
  f.experiment.folder.write("out.csv", "precious");
  f.options.csv = f.experiment / "out.csv";
  CHECK(f.error([](std::int64_t, std::int64_t) -> bool {
    throw Error(ExitCode::kFailed, "now");
  }) == "1: now");
  CHECK(infer(f.options, [](std::int64_t, std::int64_t) { return false; }).was_stopped);
  f.options.target = "none";
  CHECK(f.error().starts_with("3: "));
  CHECK(read_text(f.experiment / "out.h5") == "precious");
  CHECK(read_text(f.experiment / "out.csv") == "precious");
  CHECK(f.unfinished() == 0);
}

TEST_CASE("an output replaces the one that was there when it is complete") {
  OutputFixture f;
  f.experiment.folder.write("out.h5", "old");
  infer(f.options, go_on);
  CHECK(hdf5::File(f.options.output).open("predictions").shape() == Shape{7, 3});
  CHECK(f.unfinished() == 0);
}

TEST_CASE("an output never takes the place of an input or of the checkpoint") {
  OutputFixture f;
  const std::string input = read_text(f.experiment / "validation.h5");
  f.options.output = f.experiment / "./validation.h5";
  CHECK(f.error() == "2: ./validation.h5: expected another file for the output, found the input");
  f.options.output = f.options.checkpoints.front();
  CHECK(f.error() ==
        "2: run/checkpoints/last.h5: expected another file for the output, found the checkpoint");
  f.options.output = f.experiment / "out.h5";
  f.options.csv = f.experiment / "validation.h5";
  CHECK(f.error() == "2: validation.h5: expected another file for the output, found the input");
  f.options.csv = f.experiment / "run/../out.h5";
  CHECK(f.error() ==
        "2: run/../out.h5: expected another file for the output, found the file for /predictions");
  CHECK(read_text(f.experiment / "validation.h5") == input);
}

TEST_CASE("an existing output is replaced only when that is asked for") {
  OutputFixture f;
  f.options.may_overwrite = false;
  f.experiment.folder.write("precious.h5", "precious");
  f.options.output = f.experiment / "precious.h5";
  CHECK(f.error() == "2: precious.h5: exists; --overwrite replaces it");
  f.options.output = f.experiment / "out.h5";
  f.options.csv = f.experiment / "precious.h5";
  CHECK(f.error() == "2: precious.h5: exists; --overwrite replaces it");
  f.options.csv.reset();
  f.options.preview = f.experiment / "precious.h5";
  CHECK(f.error() == "2: precious.h5: exists; --overwrite replaces it");
  f.options.preview.reset();
  // It may also appear while the predictions are computed.
  CHECK(f.error([&](std::int64_t, std::int64_t) {
    f.experiment.folder.write("out.h5", "precious");
    return true;
  }) == "2: out.h5: exists; --overwrite replaces it");
  CHECK(read_text(f.experiment / "out.h5") == "precious");
  CHECK(read_text(f.experiment / "precious.h5") == "precious");
  CHECK(f.unfinished() == 0);
}

TEST_CASE("a folder that is not there is told") {
  OutputFixture f;
  f.options.output = f.experiment / "no/out.h5";
  CHECK(f.error() == "1: no/out.h5: cannot be written: No such file or directory");
  f.options.output = f.experiment / "out.h5";
  f.options.csv = f.experiment / "no/out.csv";
  CHECK(f.error() == "1: no/out.csv: cannot be written: No such file or directory");
}

TEST_CASE("a table has a row a sample, with its place, its numbers and its target") {
  OutputFixture f;
  f.options.inputs = {(f.experiment / "validation.h5").string(),
                      (f.experiment / "train.h5").string()};
  f.options.csv = f.experiment / "out.csv";
  f.options.target = "labels";
  f.options.activation = Activation::kArgmax;
  infer(f.options, go_on);
  const auto classes = hdf5::File(f.options.output).open("predictions").read<float>();
  std::string expected = "sample,file,dataset,index,class,target\n";
  for (int i = 0; i < 19; ++i)
    expected += std::to_string(i) + (i < 7 ? ",validation.h5" : ",train.h5") + ",volumes," +
                std::to_string(i < 7 ? i : i - 7) + "," +
                std::to_string(static_cast<int>(classes[static_cast<std::size_t>(i)])) + "," +
                std::to_string(i < 7 ? i % 3 : (i - 7) % 3) + "\n";
  CHECK(test::from_inside(f.experiment.folder.path(), read_text(f.experiment / "out.csv")) ==
        expected);
}

TEST_CASE("numbers of a table read back as the same floats") {
  OutputFixture f;
  f.options.csv = f.experiment / "out.csv";
  infer(f.options, go_on);
  std::ifstream table(f.experiment / "out.csv");
  std::string line;
  std::getline(table, line);
  CHECK(line == "sample,file,dataset,index,prediction_0,prediction_1,prediction_2");
  std::vector<float> found;
  while (std::getline(table, line)) {
    std::size_t at = line.size();
    for (int i = 0; i < 3; ++i) at = line.rfind(',', at - 1);
    for (std::istringstream row(line.substr(at + 1)); std::getline(row, line, ',');)
      found.push_back(std::stof(line));
  }
  CHECK(found == hdf5::File(f.options.output).open("predictions").read<float>());
}

TEST_CASE("a network without a checkpoint's config cannot predict") {
  OutputFixture f;
  hdf5::Writer writer(f.experiment / "weights.h5");
  writer.write<float>("parameters/a/weight", {1}, std::vector<float>{1});
  writer.close();
  f.options.checkpoints = {f.experiment / "weights.h5"};
  CHECK(f.error() ==
        "3: weights.h5: expected a checkpoint with the attribute 'config', found none; a weights "
        "file is not enough here");
}

TEST_CASE("voxels are predicted in the model's output shape") {
  OutputFixture f;
  f.experiment.json["model"]["layers"] = {
      {{"type", "Conv3D"}, {"out_channels", 3}, {"kernel_size", 3}, {"padding", 1}}};
  for (const char* set : {"train", "validation"})
    f.experiment.json["data"][set]["target"] = "voxels";
  f.experiment.train("voxels");
  f.options.checkpoints = {f.experiment.last("voxels")};
  f.options.target = "voxels";
  CHECK(infer(f.options, go_on).predictions == Shape{7, 3, 6, 6, 6});
  f.options.activation = Activation::kArgmax;
  const InferResult result = infer(f.options, go_on);
  CHECK(result.predictions == Shape{7, 6, 6, 6});
  CHECK(result.measured.values[0].second ==
        f.experiment.metrics("voxels", "epoch").back()["validation"]["loss"].get<double>());
  f.options.csv = f.experiment / "out.csv";
  CHECK(f.error() ==
        "2: out.csv: --csv expects predictions of (N) or (N, K), found 7x6x6x6; volumes are "
        "written to --output");
}

}  // namespace lucid
