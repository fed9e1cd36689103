#include <doctest/doctest.h>

#include "cli/results.h"
#include "data/hdf5/file.h"
#include "data/hdf5/h5_files.h"
#include "data/hdf5/write.h"
#include "formats/readers/made_files.h"

using namespace lucid;
using namespace lucid::test;

namespace {

// A volume of 2x2x3 voxels (d, h, w) of 4 x 3 x 2 mm.
std::string labelled_nifti(const std::string& labels) { return nifti1({}) + labels; }

const std::string kProcessed("\1\0\2\0\0\0\0\0\2\0\1\0", 12);

std::vector<std::int64_t> integers_in(const hdf5::File& file, const std::string& dataset) {
  return file.open(dataset).read<std::int64_t>();
}

}  // namespace

TEST_CASE("lucid-data postprocess writes NIfTI with the voxels of its input") {
  const TempDir dir;
  dir.write("a.nii.gz", gzip(labelled_nifti(kProcessed)));
  const auto result = run_in(dir, {"postprocess", "a.nii.gz", "b.nii", "--keep-largest",
                                   "per-class", "--connectivity", "6"});
  CHECK(result.err == "");
  CHECK(result.out ==
        "case  components  removed  voxels  holes  filled  numbered\n"
        "a              3        1       1      0       0         0\n");
  const std::string written = read_text(dir / "b.nii");
  CHECK(written.substr(352) == std::string("\1\0\2\0\0\0\0\0\2\0\0\0", 12));
  CHECK(written.substr(76, 16) == labelled_nifti("").substr(76, 16));  // pixdim
  CHECK(run_in(dir,
               {"postprocess", "a.nii.gz", "c.nii", "--min-size", "48mm3", "--connectivity", "6"})
            .code == 0);
  CHECK(read_text(dir / "c.nii").substr(352) == std::string("\0\0\2\0\0\0\0\0\2\0\0\0", 12));
}

TEST_CASE("lucid-data postprocess knows its rules by short names, too") {
  const TempDir dir;
  dir.write("a.nii.gz", gzip(labelled_nifti(kProcessed)));
  const auto voxels = [&](std::vector<std::string> rules) {
    std::vector<std::string> arguments{"postprocess", "a.nii.gz",       "--output", "o.nii",
                                       "--overwrite", "--connectivity", "6"};
    arguments.insert(arguments.end(), rules.begin(), rules.end());
    const auto result = run_in(dir, arguments);
    CHECK(result.err == "");
    return read_text(dir / "o.nii").substr(352);
  };
  CHECK(voxels({"--largest", "1,2"}) == voxels({"--keep-largest", "per-class"}));
  CHECK(voxels({"--largest", "all"}) == voxels({"--keep-largest", "foreground"}));
  CHECK(voxels({"--largest", "all"}) != voxels({"--largest", "1,2"}));
  CHECK(voxels({"--smallest", "48"}) == voxels({"--min-size", "48mm3"}));
  CHECK(voxels({"--merge", "2:1"}) == voxels({"--merge", "2=1"}));
  CHECK(voxels({"--largest", "1-2"}) == voxels({"--largest", "1,2"}));
  CHECK(voxels({"--merge", "1-2:3"}) == voxels({"--merge", "1,2:3"}));
  CHECK(voxels({"--merge", "2:1", "--fill-holes", "1,2"}) ==
        voxels({"--merge", "2:1", "--fill-holes"}));
}

TEST_CASE("lucid-data postprocess keeps the datasets of HDF5 and their attributes") {
  const TempDir dir;
  for (const char* name : {"x", "y"})
    store(dir / "a.h5", std::string(name) + "/label",
          {{2, 1, 2, 3}, {1, 0, 3, 0, 0, 0, 0, 0, 3, 0, 2, 0}, H5T_STD_U16BE, {1, 1, 2, 2}, 1});
  {
    const hid_t file = H5Fopen((dir / "a.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    const hid_t space = H5Screate(H5S_SCALAR);
    const hid_t attribute = H5Acreate_by_name(file, "y/label", "note", H5T_STD_I32LE, space,
                                              H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    const int value = 7;
    H5Awrite(attribute, H5T_NATIVE_INT, &value);
    H5Aclose(attribute);
    H5Sclose(space);
    H5Fclose(file);
  }
  const auto result = run_in(dir, {"postprocess", "a.h5:/*/label", "b.h5", "--merge", "2,3=5"});
  CHECK(result.err == "");
  const hdf5::File file(dir / "b.h5");
  CHECK(file.datasets() == std::vector<std::string>{"x/label", "y/label"});
  CHECK(integers_in(file, "y/label") ==
        std::vector<std::int64_t>{1, 0, 5, 0, 0, 0, 0, 0, 5, 0, 5, 0});
  CHECK(file.open("x/label").info().type == "uint16");
  CHECK(file.attribute<std::int64_t>("y/label", "note") == 7);
  CHECK(run_in(dir, {"postprocess", "a.h5:/x/label", "c.h5", "--components"}).code == 0);
  const hdf5::File numbered(dir / "c.h5");
  CHECK(numbered.open("x/label").info().type == "int32");
  CHECK(integers_in(numbered, "x/label") ==
        std::vector<std::int64_t>{1, 0, 2, 0, 0, 0, 0, 0, 1, 0, 2, 0});
}

TEST_CASE("lucid-data postprocess turns a folder into another one") {
  const TempDir dir;
  dir.write("in/a.nii", labelled_nifti(kProcessed));
  dir.write("in/b.nii.gz", gzip(labelled_nifti(kProcessed)));
  CHECK(run_in(dir, {"postprocess", "in", "out", "--merge", "1=0", "--merge", "2=1"}).err == "");
  CHECK(read_text(dir / "out/a.nii").substr(352) == std::string("\0\0\1\0\0\0\0\0\1\0\0\0", 12));
  CHECK(std::filesystem::exists(dir / "out/b.nii.gz"));
  CHECK(run_in(dir, {"postprocess", "in", "out", "--merge", "1=0"}).err ==
        "out/a.nii: exists; --overwrite replaces it\n");
}

TEST_CASE("lucid-data postprocess refuses what it cannot do, in one line") {
  const TempDir dir;
  dir.write("a.nii", labelled_nifti(kProcessed));
  dir.write("cut.nii", labelled_nifti(kProcessed).substr(0, 355));
  store(dir / "a.h5", "x", {{2, 1, 2, 3}, {}});
  store(dir / "half.h5", "x", {{2, 2, 3}, std::vector<double>(12, 0.5), H5T_IEEE_F32LE});
  const auto refused = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "postprocess");
    return refusal(run_in(dir, arguments));
  };
  CHECK(refused({"a.nii", "b.nii"}) ==
        "2: lucid-data postprocess: expected one of --merge, --min-size, --keep-largest, "
        "--fill-holes and --components, found none; see lucid-data postprocess --help");
  CHECK(refused({"a.nii", "b.nii", "--merge", "2"}) ==
        "2: --merge: expected labels and the one they become, as 2,3:1 or 2-9=1, found '2'");
  for (const std::string range : {"2-", "3-2", "-2", "2-3-4", "1-65537"})
    CHECK(refused({"a.nii", "b.nii", "--merge", range + ":1"}) ==
          "2: --merge: expected labels and the one they become, as 2,3:1 or 2-9=1, found '" +
              range + ":1'");
  CHECK(refused({"a.nii", "b.nii", "--merge", "2,1-3=1"}) == "2: --merge: label 2 is given twice");
  CHECK(refused({"a.nii", "b.nii", "--merge", "2,2=1"}) == "2: --merge: label 2 is given twice");
  CHECK(refused({"a.nii", "b.nii", "--min-size", "5cm"}) ==
        "2: --min-size: expected voxels, mm3 or ml, as 50, 30mm3 or 0.03ml, found '5cm'");
  CHECK(refused({"a.nii", "b.h5", "--fill-holes"}) ==
        "2: b.h5: expected a name that ends in .nii or .nii.gz");
  CHECK(refused({"a.h5", "b.nii", "--fill-holes"}) ==
        "2: b.nii: expected a name that ends in .h5 for the 2 volumes of a.h5");
  CHECK(refused({"a.h5", "b.h5", "--min-size", "5mm3"}) ==
        "2: a.h5: /x: says nothing of its voxels; give min-size in voxels");
  CHECK(refused({"cut.nii", "b.nii", "--fill-holes"}) ==
        "3: cut.nii: voxels: expected 12 bytes for 2x2x3, found at most 3; the file is cut short "
        "or its header damaged");
  CHECK(refused({"half.h5", "b.h5", "--components"}) ==
        "3: half.h5: /x: expected labels, which are whole numbers from 0 to 2147483647, found 0.5 "
        "at voxel 0,0,0 (d,h,w)");
  CHECK(refused({"a.nii", "a.nii", "--fill-holes", "--overwrite"}) ==
        "2: a.nii: expected another file for the output, found the input");
  CHECK_FALSE(std::filesystem::exists(dir / "b.h5"));
}
