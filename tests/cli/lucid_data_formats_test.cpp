#include <doctest/doctest.h>

#include "cli/results.h"
#include "data/hdf5/file.h"
#include "data/hdf5/h5_files.h"
#include "formats/dicom/dicom_files.h"
#include "formats/readers/made_files.h"
#include "formats/readers/read_volume.h"
#include "paths.h"
#include "preview/decoded.h"
#include "preview/palette.h"
#include "support/experiment.h"

using namespace lucid;
using namespace lucid::test;

namespace {

std::string volume() { return nifti1({}) + std::string("abcdefghijkl"); }

}  // namespace

TEST_CASE("lucid-data imports a pair and exports it again") {
  const TempDir dir;
  dir.write("ct.nii.gz", gzip(volume()));
  dir.write("seg.nii", nifti1({}) + std::string(12, '\1'));
  const auto imported = run_in(
      dir, {"import", "ct.nii.gz", "--labels", "seg.nii", "--output", "a.h5", "--deflate", "0"});
  CHECK(imported.err == "");
  CHECK(imported.out == "imported 1 volumes and 1 labels to a.h5\n");
  CHECK(hdf5::File(dir / "a.h5").open("ct/raw").info().storage == "chunks 2x2x3");
  const auto exported =
      run_in(dir, {"export", "a.h5", "--dataset", "ct/raw", "--output", "back.nii"});
  CHECK(exported.err == "");
  CHECK(exported.code == 0);
  CHECK(read_text(dir / "back.nii").substr(352) == "abcdefghijkl");
  CHECK(run_in(dir, {"export", "a.h5", "--dataset", "ct/raw", "--output", "back.nii"}).err ==
        "back.nii: exists; --overwrite replaces it\n");
}

TEST_CASE("lucid-data imports raw files as the command line describes them") {
  const TempDir dir;
  dir.write("a.raw", "skip" + bytes_of(counting<std::int16_t>(24), Order::kBig));
  const auto result =
      run_in(dir, {"import", "a.raw", "--shape", "2,3,4", "--type", "int16", "--endian", "big",
                   "--axes", "hdw", "--skip-bytes", "4", "--raw-name", "x", "--output", "a.h5"});
  CHECK(result.err == "");
  const hdf5::File file(dir / "a.h5");
  CHECK(file.open("a/x").shape() == Shape{2, 3, 4});
  CHECK(file.open("a/x").read<float>()[23] == 23);
  CHECK(file.attribute<std::string>("a/x", "axes") == "hdw");
}

TEST_CASE("lucid-data import says what it took from an archive and what it left out") {
  const TempDir dir;
  dir.write("a.npz", zip({{"train_images.npy", npy("|u1", "(2, 1, 2, 3)", std::string(12, 'x'))},
                          {"train_labels.npy", npy("|u1", "(2,)", "xy")},
                          {"weights.npy", npy("<f4", "(1,)", "1234")},
                          {"names.npy", npy("<U3", "(1,)", "x")}}));
  const auto result = run_in(dir, {"import", "a.npz", "--output", "a.h5"});
  CHECK(result.code == 0);
  CHECK(result.out == "imported 2 volumes, 2 labels and 1 arrays to a.h5\n");
  CHECK(
      result.err ==
      "warning: a.npz: names: expected integers or floats, found numbers of type '<U3'; the array "
      "is left out\n");
}

TEST_CASE("lucid-data import takes numbers for parts of names with --no-channels") {
  const TempDir dir;
  dir.write("in/case_0007.nii", volume());
  const auto refused = run_in(dir, {"import", "in", "--output", "a.h5"});
  CHECK(refused.code == 3);
  CHECK(refused.err ==
        "in/case_0007.nii: case 'case': expected its channel 0000, found none; lucid-data import "
        "--no-channels takes numbers for parts of names\n");
  CHECK(run_in(dir, {"import", "in", "--no-channels", "--output", "a.h5"}).code == 0);
  CHECK(hdf5::File(dir / "a.h5").datasets() == std::vector<std::string>{"case_0007/raw"});
}

TEST_CASE("lucid-data import leaves nothing behind where a file is damaged") {
  const TempDir dir;
  dir.write("in/a.nii", volume());
  dir.write("in/b.nii", volume().substr(0, 355));
  const auto result = run_in(dir, {"import", "in", "--output", "a.h5"});
  CHECK(result.code == 3);
  CHECK(result.err ==
        "in/b.nii: voxels: expected 12 bytes for 2x2x3, found at most 3; the file is cut short or "
        "its header damaged\n");
  CHECK(std::distance(std::filesystem::directory_iterator(dir.path()), {}) == 1);
}

TEST_CASE("lucid-data split writes sets that say what they hold") {
  const TempDir dir;
  store(dir / "a.h5", "volumes", {{8, 1, 2, 2, 2}, {}});
  store(dir / "a.h5", "labels", {{8}, {}});
  const auto result = run_in(dir, {"split", "a.h5", "--output", "sets", "--fractions", "0.75,0.25",
                                   "--names", "train,test", "--seed", "3"});
  CHECK(result.err == "");
  CHECK(result.out == "sets/train.h5: 6 samples\nsets/test.h5: 2 samples\n");
  CHECK(hdf5::File(dir / "sets/test.h5").open("volumes").shape() == Shape{2, 1, 2, 2, 2});
}

TEST_CASE("lucid-data view draws the sample volume with the names of its lobes") {
  const TempDir dir;
  const std::string brain = std::string(LUCID_SOURCE_DIR) + "/data/brain.h5";
  const auto result =
      run_in(dir, {"view", brain, "--dataset", "raw", "--labels", "lobes", "--flip", "dh",
                   "--slices", "2", "--size", "120", "--window", "0,120", "--out", "a.png"});
  CHECK(result.err == "");
  CHECK(result.code == 0);
  const Picture picture = decoded(dir / "a.png");
  for (std::int64_t label = 1; label < 7; ++label)
    CHECK(pixels_of(picture, class_colour(label)) >= 16 * 16);
  CHECK(run_in(dir, {"view", brain, "--dataset", "raw", "--flip", "q", "--out", "b.png"}).err ==
        "--flip: expected letters of d h w, found 'q'\n");
  CHECK(run_in(dir, {"view", brain, "--dataset", "raw", "--window", "9,1", "--out", "b.png"}).err ==
        "--window: expected LOW below HIGH, found 9,1\n");
}

TEST_CASE("lucid-infer --preview draws the first volume and what was predicted") {
  Experiment experiment;
  experiment.train("run");
  const std::filesystem::path png = experiment / "a.png";
  const auto result = run_program(
      "lucid-infer", {"--checkpoint", experiment.last("run").string(), "--input",
                      (experiment / "train.h5").string(), "--output",
                      (experiment / "out.h5").string(), "--preview", png.string(), "--quiet"});
  CHECK(result.err == "");
  CHECK(result.code == 0);
  CHECK(decoded(png).width() > 300);  // the network classifies: no legend, the values in the title
}

TEST_CASE("lucid-data reads compressed DICOM by a module, and says what is wrong without one") {
  const TempDir dir;
  write_dicom(dir, "ct", dicom_series("rle"));
  write_dicom(dir, "plain", dicom_series("plain"));
  const std::vector<std::string> compressed{"import", "ct", "--output", "a.h5"};
  REQUIRE(run_in(dir, compressed).code == 0);
  const std::string before = read_text(dir / "a.h5");
  const std::filesystem::path built = LUCID_BINARY_DIR, bin = dir / "usr/bin";
  std::filesystem::create_directories(bin);
  std::filesystem::copy_file(built / "lucid-data", bin / "lucid-data");
  const auto run_copy = [&](std::vector<std::string> arguments) {
    arguments.push_back("--overwrite");
    return run_program(bin / "lucid-data", arguments, {.cwd = dir.path()});
  };
  CHECK(run_copy({"import", "plain", "--output", "b.h5"}).code == 0);
  const ProgramResult missing = run_copy(compressed);
  const std::string said = ": its pixels are compressed, and lucid-gdcm.so, which decodes them, ";
  const std::string remedy = "; install libgdcm-dev and build lucid again\n";
  CHECK(missing.err.ends_with(said + "is missing: there is no " + (bin / "lucid-gdcm.so").string() +
                              remedy));
  CHECK(missing.code == 2);
  dir.write("usr/bin/lucid-gdcm.so", "no library");
  const ProgramResult damaged = run_copy(compressed);
  CHECK(damaged.err.find(said + "cannot be opened: ") != std::string::npos);
  CHECK(damaged.err.ends_with(remedy));
  CHECK(damaged.code == 2);
  CHECK(read_text(dir / "a.h5") == before);
  std::filesystem::create_directories(dir / "usr/lib/lucid");
  std::filesystem::copy_file(built / "lucid-gdcm.so", dir / "usr/lib/lucid/lucid-gdcm.so");
  CHECK(run_copy(compressed).code == 0);
  CHECK(read_text(dir / "a.h5") == before);
}
