#include <doctest/doctest.h>

#include "cli/scan_experiment.h"
#include "cli/scan_formats.h"
#include "formats/dicom/dicom_files.h"

// Training from images and labels of other formats than HDF5.
namespace lucid {
namespace {

namespace fs = std::filesystem;
using test::Phantom;
using test::ProgramResult;
using test::ScanExperiment;

// Writes voxels of a phantom to a file, or a folder, whose name begins with `path`.
using WritePhantom = std::function<void(const test::TempDir& dir, const std::string& path,
                                        const Phantom& phantom, const std::string& voxels)>;

// Writes sets in a format of their own and compares runs on them with runs on what was imported.
void check_format(const WritePhantom& write_image, const WritePhantom& write_label) {
  ScanExperiment experiment;
  std::uint64_t seed = 1;
  for (const std::string set : {"train", "validation"}) {
    for (const Phantom& phantom : test::phantoms(seed)) {
      write_image(experiment.folder, set + "/" + phantom.name, phantom, phantom.image);
      write_label(experiment.folder, set + "_labels/" + phantom.name, phantom, phantom.label);
    }
    experiment.json["data"][set] = {{"files", set}, {"labels", set + "_labels"}};
    ++seed;
  }
  const ProgramResult scans = experiment.train("scans"), imported = experiment.train_imported("h5");
  CHECK(imported.err.find("imported") == std::string::npos);
  CHECK(scans.code == 0);
  CHECK(imported.code == 0);
  CHECK(experiment.last("scans") == experiment.last("h5"));
}

}  // namespace

TEST_CASE("lucid-train: a run on NIfTI is that on the HDF5 file that they are imported to") {
  ScanExperiment experiment;
  const ProgramResult scans = experiment.train("scans"), imported = experiment.train_imported("h5");
  CHECK(scans.err.find("imported 6 of 6 volumes to imported\n") != std::string::npos);
  CHECK(scans.code == 0);
  CHECK(imported.code == 0);
  CHECK(experiment.last("scans") == experiment.last("h5"));
  const Json config = read_json_file(experiment.folder / "scans/config.json")["data"];
  CHECK(config["spacing"] == Json({2.5, 1.0, 1.0}));
  const std::string images = (experiment.folder / "imagesTr").string(),
                    labels = (experiment.folder / "labelsTr").string();
  CHECK(config["train"] ==
        Json({{"files", {images + "/case-b.nii.gz", images + "/case.nii.gz", images + "/d.nii.gz"}},
              {"labels",
               {labels + "/case-b.nii.gz", labels + "/case.nii.gz", labels + "/d.nii.gz"}}}));
  const Json cases = read_json_file(experiment.folder / "scans/cases.json")["cases"],
             of_file = read_json_file(experiment.folder / "h5/cases.json")["cases"];
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(cases[i]["case"] == of_file[i]["case"]);
    CHECK(cases[i]["loss"] == of_file[i]["loss"]);
  }
}

TEST_CASE("lucid-train: a run on another format is that on the HDF5 file it is imported to") {
  SUBCASE("MetaImage") { check_format(test::write_mha, test::write_mha); }
  SUBCASE("NRRD") { check_format(test::write_nrrd, test::write_mha); }
  SUBCASE("TIFF") { check_format(test::write_tif, test::write_tif); }
  SUBCASE("folders of slices") { check_format(test::write_slices, test::write_tif); }
  SUBCASE("Zarr") { check_format(test::write_zarr, test::write_zarr); }
  SUBCASE("NumPy") {
    check_format(
        [](const auto& dir, const std::string& path, const Phantom& phantom,
           const std::string& voxels) { dir.write(path + ".npy", test::npy_of(phantom, voxels)); },
        test::write_mha);
  }
}

TEST_CASE("lucid-train: archives of one array are volumes") {
  ScanExperiment experiment;
  for (const char* key : {"validation", "spacing", "voxel_size"})
    experiment.json["data"].erase(key);
  CHECK(experiment.train("nifti").code == 0);
  for (const Phantom& phantom : test::phantoms(1))
    for (const auto& [folder, voxels] :
         {std::pair("images/", phantom.image), std::pair("labels/", phantom.label)})
      experiment.folder.write(folder + phantom.name + ".npz",
                              test::zip({{"x.npy", test::npy_of(phantom, voxels)}}));
  experiment.json["data"]["train"] = {{"files", "images/*.npz"}, {"labels", "labels"}};
  CHECK(experiment.train("npz").code == 0);
  CHECK(experiment.last("npz") == experiment.last("nifti"));
}

TEST_CASE("lucid-train: arrays of a store are images and labels of one name") {
  ScanExperiment experiment;
  Json stores = {{"files", Json::array()}, {"labels", Json::array()}};
  for (const Phantom& phantom : test::phantoms(1)) {
    const std::string store = phantom.name + ".zarr";
    test::write_array(experiment.folder, store + "/raw", phantom, phantom.image);
    test::write_array(experiment.folder, store + "/labels/seg", phantom, phantom.label);
    stores["files"].push_back(store + "/raw");
    stores["labels"].push_back(store + "/labels/seg");
  }
  for (const char* key : {"validation", "spacing", "voxel_size"})
    experiment.json["data"].erase(key);
  CHECK(experiment.train("nifti").code == 0);
  experiment.json["data"]["train"] = stores;
  CHECK(experiment.train("zarr").code == 0);
  CHECK(experiment.last("zarr") == experiment.last("nifti"));
}

TEST_CASE("lucid-train: series of DICOM are volumes, with labels in another format") {
  ScanExperiment experiment;
  for (const std::string name : {"plain", "tilted"}) {
    test::write_dicom(experiment.folder, "ct/" + name, test::dicom_series(name));
    const Phantom phantom{name, {3, 4, 5}, {1.5, 2, 0.5}, "", ""};
    std::string label(60, '\0');
    label.replace(20, 20, std::string(20, '\1'));
    experiment.folder.write("seg/" + name + ".nii.gz", test::gzip(nifti_of(phantom, label)));
  }
  experiment.json["data"]["train"] = {{"files", "ct"}, {"labels", "seg"}};
  experiment.json["data"]["validation"] = {{"files", "ct"}, {"labels", "seg"}};
  const ProgramResult scans = experiment.train("scans"), imported = experiment.train_imported("h5");
  CHECK(scans.code == 0);
  CHECK(scans.err.find("imported 2 of 4 volumes") != std::string::npos);
  CHECK(imported.code == 0);
  CHECK(experiment.last("scans") == experiment.last("h5"));
  // A pattern stands for the folders that are volumes.
  experiment.json["data"]["train"]["files"] = "c?/*";
  CHECK(experiment.train("pattern").code == 0);
  CHECK(experiment.last("pattern") == experiment.last("h5"));
}

TEST_CASE("lucid-train: numbered images are channels of a case, and cases may end in numbers") {
  ScanExperiment experiment;
  experiment.json["data"].erase("validation");
  for (const Phantom& phantom : test::phantoms(3)) {
    const auto write = [&](const std::string& path, const std::string& voxels) {
      experiment.folder.write(path + ".nii.gz", test::gzip(nifti_of(phantom, voxels)));
    };
    std::string other(phantom.image.rbegin(), phantom.image.rend());
    write("images/" + phantom.name + "_0000", phantom.image);
    write("images/" + phantom.name + "_0001", other);
    write("labels/" + phantom.name, phantom.label);
    write("numbered/" + phantom.name + "_0007", phantom.image);
    write("numbered_labels/" + phantom.name + "_0007", phantom.label);
  }
  experiment.json["model"]["input"]["channels"] = 2;
  experiment.json["data"]["train"] = {{"files", "images"}, {"labels", "labels"}};
  CHECK(experiment.train("channels").code == 0);
  experiment.json["model"]["input"]["channels"] = 1;
  experiment.json["data"]["train"] = {{"files", "numbered"}, {"labels", "numbered_labels"}};
  const ProgramResult numbered = experiment.train("numbered_run");
  CHECK(numbered.err.find("imported 3 of 3 volumes") != std::string::npos);
  CHECK(numbered.code == 0);
}

TEST_CASE("lucid-train: of several ranks one imports, and the run has the bits of one rank") {
  ScanExperiment experiment;
  const ProgramResult two = experiment.train("two", {"--ranks", "2"});
  CHECK(two.err.find("imported 6 of 6 volumes") != std::string::npos);
  CHECK(two.code == 0);
  CHECK(experiment.train("one").err.find("imported") == std::string::npos);
  CHECK(experiment.last("one") == experiment.last("two"));
}

TEST_CASE("lucid-infer predicts scans by what lucid-train learned from scans") {
  ScanExperiment experiment;
  REQUIRE(experiment.train("run").code == 0);
  const ProgramResult inferred =
      experiment.lucid("infer", {"--checkpoint", "run/checkpoints/best.h5", "--input", "imagesVal",
                                 "--output", "found/", "--activation", "argmax", "--quiet"});
  CHECK(inferred.err == "");
  CHECK(inferred.code == 0);
  const ProgramResult measured = experiment.lucid("data", {"evaluate", "found", "labelsVal"});
  CHECK(measured.err == "");
  CHECK(measured.code == 0);
  CHECK(measured.out.find("HD95") != std::string::npos);
}

}  // namespace lucid
