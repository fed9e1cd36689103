#include <doctest/doctest.h>

#include <algorithm>

#include "data/hdf5/file.h"
#include "data/hdf5/h5_files.h"
#include "formats/import/imported.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

// Imports a folder of images, and of labels if there is one, with the files of these names.
struct Folders {
  const TempDir dir;
  ImportOptions options;

  void add(const std::string& folder, const std::vector<std::string>& names) {
    for (const std::string& name : names)
      dir.write(folder + "/" + name + ".nii", volume({}, static_cast<std::uint8_t>(name.back())));
  }
  // Returns "case: shape, ..." or the error.
  std::string imported() {
    options.inputs = {(dir / "images").string()};
    if (std::filesystem::exists(dir / "labels")) options.labels = {(dir / "labels").string()};
    const std::string error =
        from_inside(dir.path(), error_of([&] { import_to(dir / "out.h5", options); }));
    if (!error.empty()) return error;
    const hdf5::File file(dir / "out.h5");
    std::string text;
    for (const std::string& dataset : file.datasets())
      if (dataset.ends_with("/raw"))
        text +=
            dataset.substr(0, dataset.size() - 4) + ": " + file.open(dataset).shape().str() + "; ";
    return text;
  }
};

}  // namespace

TEST_CASE("numbered images are channels with labels and without") {
  for (const bool has_labels : {false, true}) {
    Folders folders;
    folders.add("images", {"la_003_0000", "la_003_0001", "la_004_0000", "la_004_0001"});
    if (has_labels) folders.add("labels", {"la_003", "la_004"});
    CHECK(folders.imported() == "la_003: 2x2x2x3; la_004: 2x2x2x3; ");
    const auto values = hdf5::File(folders.dir / "out.h5").open("la_004/raw").read<float>();
    CHECK(values[0] == '0');
    CHECK(values[12] == '1');
  }
}

TEST_CASE("one channel a case loses its number, too") {
  Folders folders;
  folders.add("images", {"a_0000", "b_0000"});
  CHECK(folders.imported() == "a: 2x2x3; b: 2x2x3; ");
}

TEST_CASE("a channel that is missing is named with its case") {
  for (const bool has_labels : {false, true}) {
    Folders folders;
    folders.add("images", {"a_0000", "a_0001", "b_0001", "b_0002"});
    if (has_labels) folders.add("labels", {"a", "b"});
    CHECK(folders.imported() ==
          "3: images/b_0001.nii: case 'b': expected its channel 0000, found none; lucid-data "
          "import --no-channels "
          "takes numbers for parts of names");
  }
  Folders gap;
  gap.add("images", {"a_0000", "a_0002"});
  CHECK(gap.imported().starts_with("3: images/a_0000.nii: case 'a': expected its channel 0001"));
}

TEST_CASE("a case with another number of channels than the others is named") {
  Folders folders;
  folders.add("images", {"a_0000", "a_0001", "b_0000", "c_0000", "c_0001", "d"});
  CHECK(folders.imported() ==
        "3: images/b_0000.nii: case 'b': expected 2 channels as in the other cases, found 1\n"
        "images/d.nii: case 'd': expected 2 channels as in the other cases, found 1");
  Folders more;
  more.add("images", {"a_0000", "b_0000", "c_0000", "c_0001"});
  CHECK(more.imported() ==
        "3: images/c_0000.nii: case 'c': expected 1 channels as in the other cases, found 2");
}

TEST_CASE("numbers are parts of names where the user or a label says so") {
  Folders folders;
  folders.add("images", {"case_0007", "case_0012"});
  CHECK(
      folders.imported().starts_with("3: images/case_0007.nii: case 'case': expected its channel "
                                     "0000, found none; lucid-data import --no-channels"));
  folders.options.are_channels_numbered = false;
  const std::string cases = "case_0007: 2x2x3; case_0012: 2x2x3; ";
  CHECK(folders.imported() == cases);
  folders.options.are_channels_numbered = true;
  folders.add("labels", {"case_0007", "case_0012"});
  CHECK(folders.imported() == cases);
}

TEST_CASE("a channel that is there twice, or beside its case without number, is refused") {
  Folders twice;
  twice.add("images", {"a_0000"});
  twice.dir.write("images/a_0000.nii.gz", volume());
  CHECK(twice.imported() ==
        "3: images/a_0000.nii.gz: expected images of different names, found images/a_0000.nii as "
        "well");
  Folders alone;
  alone.add("images", {"a", "a_0000"});
  CHECK(alone.imported() ==
        "3: images/a_0000.nii: expected images of different names, found images/a.nii as well");
}

TEST_CASE("channels follow their numbers, whatever the order of the files") {
  const TempDir dir;
  const std::string second = dir.write("a_0001.nii", volume({}, 50)).string();
  const std::string first = dir.write("a_0000.nii", volume()).string();
  import_to(dir / "out.h5", from({second, first}));
  CHECK(hdf5::File(dir / "out.h5").open("a/raw").read<float>()[12] == 50);
}

TEST_CASE("a numbered image of several channels is refused") {
  Folders folders;
  NiftiSpec spec;
  spec.dim = {3, 2, 1, 2};
  folders.add("images", {"a_0000"});
  folders.dir.write("images/a_0001.nii", volume(spec));
  CHECK(folders.imported() ==
        "3: images/a_0001.nii: expected one channel a file, found more; lucid-data import "
        "--no-channels makes every "
        "file a case");
}

TEST_CASE("many images without labels are told in a few lines") {
  Folders folders;
  std::vector<std::string> names;
  for (int i = 0; i < 50; ++i) names.push_back("case" + std::to_string(100 + i));
  folders.add("images", names);
  folders.add("labels", {"case149"});
  const std::string error = folders.imported();
  CHECK(std::count(error.begin(), error.end(), '\n') == 9);
  CHECK(error.starts_with("3: images/case100.nii: expected a label named 'case100' in labels"));
  CHECK(error.ends_with("\n... and 40 more like these"));
}
