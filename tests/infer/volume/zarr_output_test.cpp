#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "data/hdf5/h5_files.h"
#include "formats/open/open_volume.h"
#include "infer/tiled/resume_fixture.h"
#include "support/full_disk.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;
using test::read_text;

std::map<std::string, std::string> files_of(const fs::path& store) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(store))
    if (entry.is_regular_file())
      files[entry.path().lexically_relative(store).string()] = read_text(entry.path());
  return files;
}

// The first volume of the fixture, 7 depths of 3 windows, into a store.
struct ZarrRun : test::ResumeFixture {
  ZarrRun() {
    options.inputs.pop_back();
    options.may_overwrite = false;
    options.output = experiment / "out.zarr";
    run();
    whole = files_of(options.output);
    fs::remove_all(options.output);
  }
  std::vector<std::string> left() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(experiment.folder.path()))
      if (entry.path().filename().string().starts_with("out.zarr"))
        names.push_back(entry.path().filename().string());
    return names;
  }

  std::map<std::string, std::string> whole;
};

}  // namespace

TEST_CASE("a run into a Zarr store that stops anywhere goes on to the same files") {
  ZarrRun f;
  CHECK(f.whole.contains(".zattrs"));
  CHECK(f.whole.contains("0/2/0/0/0"));
  for (const std::int64_t stop : {std::int64_t{4}, std::int64_t{10}, std::int64_t{20}}) {
    REQUIRE(f.stop_after(stop));
    CHECK_FALSE(fs::exists(f.options.output));
    CHECK(f.run().windows_computed < 21);
    CHECK(files_of(f.options.output) == f.whole);
    CHECK(f.left() == std::vector<std::string>{"out.zarr"});
    fs::remove_all(f.options.output);
  }
}

TEST_CASE("lucid-infer replaces a Zarr store only if it may, and nothing else by one") {
  ZarrRun f;
  f.experiment.folder.write("out.zarr/.zgroup", "{}");
  f.experiment.folder.write("out.zarr/old/.zarray", "{}");
  CHECK(f.error() == "2: out.zarr: exists; --overwrite replaces it");
  f.options.may_overwrite = true;
  f.options.output = (f.experiment / "out.zarr").string() + "/";  // the same store
  f.run();
  CHECK(files_of(f.experiment / "out.zarr") == f.whole);
  f.options.output = f.experiment / "notes.zarr";
  f.experiment.folder.write("notes.zarr/letter.txt", "dear");
  CHECK(f.error() ==
        "2: notes.zarr: expected a Zarr store to replace, found a folder of something else; choose "
        "another name");
  f.options.output = f.experiment / "out.zarr/labels";
  CHECK(f.error() ==
        "2: out.zarr/labels: expected a name that ends in .h5, .nii, .nii.gz, .nrrd, .mha, .tif or "
        ".zarr");
  f.options.inputs = {(f.experiment / "out.zarr/0").string()};
  f.options.output = f.experiment / "out.zarr";
  CHECK(f.error() == "2: out.zarr: expected another file for the output, found the input");
}

TEST_CASE("a Zarr store that another process has completed meanwhile has to be the same") {
  ZarrRun f;
  f.run();
  const auto is_last = [&](std::int64_t done, std::int64_t all) {
    if (done == all && fs::exists(f.experiment / "kept.zarr"))
      fs::rename(f.experiment / "kept.zarr", f.experiment / "out.zarr");
    return true;
  };
  const auto error = [&] {
    return test::from_inside(f.experiment.folder.path(),
                             test::error_of([&] { infer(f.options, is_last); }));
  };
  fs::rename(f.experiment / "out.zarr", f.experiment / "kept.zarr");
  CHECK(error() == "");
  CHECK(files_of(f.options.output) == f.whole);
  fs::rename(f.experiment / "out.zarr", f.experiment / "kept.zarr");
  f.experiment.folder.write("kept.zarr/0/0/0/0/0", "of another");
  CHECK(error() == "2: out.zarr: exists; --overwrite replaces it");
  CHECK(read_text(f.experiment / "out.zarr/0/0/0/0/0") == "of another");
  CHECK(f.left() == std::vector<std::string>{"out.zarr", "out.zarr.partial"});
}

TEST_CASE("a full disk while a Zarr store is written is one error, and no store is left") {
  ZarrRun f;
  REQUIRE(f.stop_after(20));
  {
    const test::FullDisk full(20000);
    const std::string error = f.error();
    CHECK(error.starts_with("1: out.zarr"));
    CHECK(error.find(": cannot be written: File too large") != std::string::npos);
    CHECK(std::ranges::count(error, '\n') == 0);
  }
  CHECK(f.left() == std::vector<std::string>{"out.zarr.partial"});
  f.run();
  CHECK(files_of(f.options.output) == f.whole);
}

TEST_CASE("the place of a volume that is in no patient is kept, or a note says that it is lost") {
  ZarrRun f;
  f.experiment.folder.write("in.zarr/.zattrs", R"({"multiscales": [{"axes": ["z", "y", "x"],
    "datasets": [{"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [3, 2, 1]},
      {"type": "translation", "translation": [0.5, 0.25, 7]}]}]}]})");
  f.experiment.folder.write("in.zarr/0/.zarray", R"({"zarr_format": 2, "shape": [20, 16, 16],
    "chunks": [20, 16, 16], "dtype": "|u1", "compressor": null, "filters": null, "order": "C",
    "fill_value": 0})");
  f.experiment.folder.write("in.zarr/0/0.0.0", std::string(20 * 16 * 16, '\5'));
  f.options.inputs = {(f.experiment / "in.zarr").string()};
  f.options.may_overwrite = true;
  const Affine expected{1, 0, 0, 7, 0, 2, 0, 0.25, 0, 0, 3, 0.5, 0, 0, 0, 1};
  const std::string lost =
      ": keeps the size of voxels only, as the input does not say how it lies in a patient; .nrrd, "
      ".zarr and .h5 keep the place\n";
  for (const std::string name : {"out.nrrd", "out.zarr", "out.nii", "out.mha"}) {
    CAPTURE(name);
    f.notes.clear();
    f.options.output = f.experiment / name;
    f.run();
    const bool is_kept = name == "out.nrrd" || name == "out.zarr";
    const Geometry found = *open_volume(f.options.output, {}).header().geometry;
    CHECK(found.affine == (is_kept ? expected : plain_geometry({3, 2, 1}).affine));
    CHECK((f.notes.find(lost) == std::string::npos) == is_kept);
  }
}

TEST_CASE("a folder gets a Zarr store for each input, whose labels read as they were predicted") {
  ZarrRun f;
  f.options.inputs.push_back((f.experiment / "b.h5").string());
  f.options.activation = Activation::kArgmax;
  CHECK(f.error() ==
        "2: out.zarr: expected one volume, found 2; give a folder for one file each, or a name "
        "that ends in .h5");
  f.options.output = f.experiment / "found/";
  f.options.format = "zarr";
  f.run();
  CHECK(f.error() == "");  // what is complete is not predicted again
  std::ofstream(f.experiment / "found/a.zarr/.zattrs", std::ios::app) << ' ';
  CHECK(f.error() == "2: found/a.zarr: exists; --overwrite replaces it");
  f.options.may_overwrite = true;
  CHECK(f.error() == "");
  f.options.may_overwrite = false;
  const auto labels = [](VolumeFile file) {
    std::vector<std::uint8_t> values(file.shape().count());
    file.read(std::as_writable_bytes(std::span(values)));
    return values;
  };
  const auto found = labels(open_volume(f.experiment / "found/b.zarr", {}));
  f.options.inputs = {(f.experiment / "b.h5").string()};
  f.options.output = f.experiment / "b.nii";
  f.run();
  CHECK(found == labels(open_volume(f.options.output, {})));
}

}  // namespace lucid
