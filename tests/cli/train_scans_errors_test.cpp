#include <doctest/doctest.h>

#include "cli/scan_experiment.h"
#include "data/hdf5/h5_files.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;
using test::Phantom;
using test::ProgramResult;
using test::ScanExperiment;

// What lucid-train says to the config, with the exit code before it.
std::string refusal_of(const ScanExperiment& experiment,
                       const std::vector<std::string>& more = {}) {
  const ProgramResult result = experiment.train("run", more);
  CHECK_FALSE(fs::exists(experiment.folder / "run"));
  return test::from_inside(experiment.folder.path(),
                           std::to_string(result.code) + ": " + result.err);
}

}  // namespace

TEST_CASE("scans and the keys of HDF5 files do not go together") {
  ScanExperiment experiment;
  Json& train = experiment.json["data"]["train"];
  const Json scans = train;
  for (const auto& [key, value] : {std::pair("input", "raw"), std::pair("target", "label"),
                                   std::pair("axes", "dhw"), std::pair("mask", "valid")}) {
    train = scans;
    train[key] = value;
    CHECK(refusal_of(experiment) == "2: a.json: /data/train/" + std::string(key) +
                                        ": requires HDF5 files, found volumes of other formats; "
                                        "leave it out\n");
  }
  train = {{"files", "imagesTr/*.nii.gz"}};
  CHECK(refusal_of(experiment) ==
        "2: a.json: /data/train: expected the key 'labels' (a string or a list of strings), found "
        "none\n");
  test::store(experiment.folder / "a.h5", "raw", {{3, 4, 5}, {}});
  train = {{"files", "a.h5"}, {"labels", "labelsTr"}};
  CHECK(refusal_of(experiment) ==
        "2: a.json: /data/train/labels: requires volumes of other formats, found HDF5 files, which "
        "hold input and target; name their datasets as \"input\" and \"target\"\n");
  train = {{"files", {"a.h5", "imagesTr"}}, {"labels", "labelsTr"}};
  CHECK(refusal_of(experiment) ==
        "2: a.json: /data/train/files: expected either HDF5 files or volumes of other formats, "
        "found 'a.h5' and 'imagesTr'\n");
}

TEST_CASE("scans that are not there are told with the key that names them") {
  ScanExperiment experiment;
  Json& train = experiment.json["data"]["train"];
  train = {{"files", "images/*.mha"}, {"labels", "segs"}};
  CHECK(refusal_of(experiment) ==
        "2: a.json: /data/train/files: images/*.mha: no file matches\n"
        "a.json: /data/train/labels: segs: no such file\n");
  fs::create_directory(experiment.folder / "empty");
  train = {{"files", "empty"}, {"labels", {"labelsTr", ""}}};
  CHECK(refusal_of(experiment) ==
        "2: a.json: /data/train/files: empty: expected a folder of volumes (.nii.gz, .nrrd, .npy, "
        "...), found none\n"
        "a.json: /data/train/labels: expected the path of a file, found ''\n");
  experiment.folder.write("x.raw", "abcd");
  train = {{"files", "x.raw"}, {"labels", "labelsTr/d.nii.gz"}};
  CHECK(refusal_of(experiment) ==
        "2: x.raw: a raw file says nothing of its numbers; convert it with lucid-data import\n");
}

TEST_CASE("images and labels that do not pair are told before anything is imported") {
  ScanExperiment experiment;
  fs::rename(experiment.folder / "labelsVal/d.nii.gz", experiment.folder / "labelsVal/e.nii.gz");
  const std::string wanted =
      "3: imagesVal/d.nii.gz: expected a label named 'd' in labelsVal, found none\n"
      "labelsVal/e.nii.gz: expected an image named 'e' in imagesVal, found none\n";
  CHECK(refusal_of(experiment) == wanted);
  CHECK(refusal_of(experiment, {"--dry-run"}) == wanted);
  CHECK_FALSE(fs::exists(experiment.folder / "imported"));
}

TEST_CASE("scans that cannot be imported end a run by one line, and the others are kept") {
  ScanExperiment experiment;
  const std::string whole = test::read_text(experiment.folder / "imagesTr/d.nii.gz");
  SUBCASE("a label of another shape") {
    Phantom other = test::phantoms(1)[2];
    std::swap(other.size[0], other.size[1]);
    experiment.folder.write("labelsTr/d.nii.gz", test::gzip(nifti_of(other, other.label)));
    CHECK(refusal_of(experiment, {"--quiet"}) ==
          "3: labelsTr/d.nii.gz: expected 5x20x9 voxels as in imagesTr/d.nii.gz, found 20x5x9\n");
  }
  SUBCASE("a file that is cut short") {
    experiment.folder.write("imagesTr/d.nii.gz", whole.substr(0, whole.size() / 2));
    const std::string error = refusal_of(experiment, {"--quiet"});
    CHECK(error.starts_with("3: imagesTr/d.nii.gz: "));
    CHECK(std::ranges::count(error, '\n') == 1);
  }
  SUBCASE("an archive of several arrays") {
    fs::remove(experiment.folder / "imagesTr/d.nii.gz");
    experiment.folder.write("imagesTr/d.npz",
                            test::zip({{"x.npy", test::npy("|u1", "(1, 1, 2)", "ab")},
                                       {"y.npy", test::npy("|u1", "(1, 1, 2)", "ab")}}));
    CHECK(refusal_of(experiment, {"--quiet"}) ==
          "3: imagesTr/d.npz: expected an archive of one array, found 2: x, y\n");
  }
  CHECK(experiment.imported().size() == 2);
  CHECK(experiment.imported(".json").size() == 2);
}

TEST_CASE("the folder of imported scans that cannot be made is told") {
  ScanExperiment experiment;
  experiment.folder.write("imported", "");
  const std::string error = refusal_of(experiment, {"--quiet"});
  CHECK(error.starts_with("1: imported/"));
  CHECK(error.ends_with(": the folder of imported scans cannot be made: Not a directory\n"));
}

TEST_CASE("a scan or a label that is named twice counts once, and a warning says so") {
  ScanExperiment experiment;
  experiment.json["data"]["train"] = {{"files", {"imagesTr", "imagesTr/d.nii.gz"}},
                                      {"labels", {"labelsTr/d.nii.gz", "labelsTr"}}};
  const ProgramResult result = experiment.train("run", {"--dry-run", "--quiet"});
  CHECK(result.code == 0);
  const std::string twice = "/d.nii.gz is named more than once, and counts once\n";
  CHECK(test::from_inside(experiment.folder.path(), result.err) ==
        "warning: a.json: /data/train/files: imagesTr" + twice +
            "warning: a.json: /data/train/labels: labelsTr" + twice);
}

TEST_CASE("lucid-train --dry-run imports scans and says so") {
  ScanExperiment experiment;
  const ProgramResult result = experiment.train("run", {"--dry-run"});
  CHECK(result.code == 0);
  CHECK(result.err.find("imported 6 of 6 volumes to imported\n") != std::string::npos);
  CHECK_FALSE(fs::exists(experiment.folder / "run"));
}

}  // namespace lucid
