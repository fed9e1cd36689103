#include <doctest/doctest.h>

#include "formats/dicom/dicom_files.h"
#include "formats/open/file_identity.h"
#include "formats/open/folder.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

namespace fs = std::filesystem;
using Paths = std::vector<fs::path>;

}  // namespace

TEST_CASE("entries stand for files, folders, patterns of both, stores and series") {
  const TempDir dir;
  for (const char* file : {"a/1.nii", "a/10.nii.gz", "a/2.nii", "a/notes.txt", "x.zarr/0/.zarray",
                           "[b]/1.nii", "none/notes.txt"})
    dir.write(file, "");
  write_dicom(dir, "ct/one", dicom_series("plain"));
  write_dicom(dir, "ct/two", dicom_series("tilted"));
  const auto expanded = [&](const std::vector<std::string>& entries) {
    return expand_volumes(entries, dir.path());
  };
  CHECK(expanded({"a"}) == Paths{dir / "a/1.nii", dir / "a/10.nii.gz", dir / "a/2.nii"});
  CHECK(expanded({"a/2.nii", "a/1*"}) ==
        Paths{dir / "a/2.nii", dir / "a/1.nii", dir / "a/10.nii.gz"});
  CHECK(expanded({"[b]/1.nii"}) == Paths{dir / "[b]/1.nii"});
  CHECK(expanded({"x.zarr/0"}) == Paths{dir / "x.zarr/0"});
  CHECK(expanded({"*.zarr"}) == Paths{dir / "x.zarr"});
  CHECK(expanded({"ct"}) == Paths{dir / "ct/one", dir / "ct/two"});
  CHECK(expanded({"ct/t*"}) == Paths{dir / "ct/two"});
  const fs::path slice = (*fs::directory_iterator(dir / "ct/one")).path();
  CHECK(expanded({slice.string(), "ct/one"}) == Paths{dir / "ct/one", dir / "ct/one"});
}

TEST_CASE("entries that nothing matches are named") {
  const TempDir dir;
  dir.write("none/notes.txt", "");
  const auto error = [&](const std::string& entry) {
    std::string text = error_of([&] { expand_volumes({entry}, dir.path()); });
    const auto at = text.find(dir.path().string());
    return at == std::string::npos ? text : text.erase(at, dir.path().string().size() + 1);
  };
  CHECK(error("none") ==
        "2: none: expected a folder of volumes (.nii.gz, .nrrd, .npy, ...), found none");
  CHECK(error("n*") == "2: n*: no file matches");
  CHECK(error("a.nii") == "2: a.nii: no such file");
  CHECK(error("") == "2: expected the path of a file, found ''");
}

TEST_CASE("a file is another one when its bytes are written again") {
  const TempDir dir;
  const fs::path file = dir.write("a.nii", "abc");
  const Json first = file_identity(file);
  CHECK(file_identity(dir / "../" / dir.path().filename() / "a.nii") == first);
  dir.write("a.nii", "abcd");
  const Json longer = file_identity(file);
  CHECK(longer != first);
  fs::last_write_time(file, fs::last_write_time(file) - std::chrono::seconds(1));
  CHECK(file_identity(file) != longer);
}
