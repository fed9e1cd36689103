#include <doctest/doctest.h>

#include <algorithm>

#include "formats/readers/made_files.h"
#include "formats/readers/read_volume.h"
#include "support/approx.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

const std::string kPlaced =
    "space: left-posterior-superior\nspace directions: (2,0,0) (0,3,0) (0,0,4)\n"
    "space origin: (10,20,30)\n";

// Returns a NRRD of 24 bytes with these sizes and fields.
std::string nrrd_of(const std::string& sizes, const std::string& fields) {
  const auto rank = std::count(sizes.begin(), sizes.end(), ' ') + 1;
  return "NRRD0005\ntype: uchar\ndimension: " + std::to_string(rank) + "\nsizes: " + sizes +
         "\nencoding: raw\n" + fields + "\n" + std::string(24, 'x');
}

struct SpaceFile {
  const TempDir dir;
  std::string path(const std::string& content) const { return dir.write("a.nrrd", content); }
  Geometry geometry(const std::string& fields) const {
    return *open_volume(path(nrrd_of("2 3 4", fields)), {}).header().geometry;
  }
  std::string error(const std::string& content) const { return reading_error(path(content)); }
  std::string error_with(const std::string& fields) const {
    return error(nrrd_of("2 3 4", fields));
  }
  // "cdhw 1 2 3 4", or the error.
  std::string axes(const std::string& content) const {
    const std::string text = error(content);
    if (!text.empty()) return text;
    const VolumeFile file = open_volume(path(content), {});
    return file.header().axes + " " + file.shape().str();
  }
  std::vector<std::string> warnings(const std::string& content) const {
    return open_volume(path(content), {}).header().warnings;
  }
};

}  // namespace

TEST_CASE("the units of a NRRD's space scale voxels and place") {
  const SpaceFile read;
  struct Row {
    const char* units;
    double millimetres;
  };
  const Row rows[] = {{R"("mm" "mm" "mm")", 1},
                      {R"("m" "m" "m")", 1000},
                      {R"("um" "um" "um")", 1e-3},
                      {"um um um", 1e-3},
                      {"\"\u00b5m\" \"um\" \"micron\"", 1e-3},
                      {R"("nm" "nm" "nm")", 1e-6},
                      {R"("cm" "cm" "cm")", 10},
                      {R"("in" "inch" "in")", 25.4},
                      {R"("Millimeter" "mm" "mm")", 1},
                      {R"("" "" "")", 1}};
  for (const Row& row : rows) {
    INFO(row.units);
    const Geometry found = read.geometry(kPlaced + "space units: " + row.units + "\n");
    const double mm = row.millimetres;
    CHECK(found.voxel_size == approx({4 * mm, 3 * mm, 2 * mm}).within(1e-9 * mm));
    CHECK(found.affine == approx({-2 * mm, 0, 0, -10 * mm, 0, -3 * mm, 0, -20 * mm, 0, 0, 4 * mm,
                                  30 * mm, 0, 0, 0, 1})
                              .within(1e-9 * mm));
  }
  const Geometry mixed = read.geometry(kPlaced + "space units: \"mm\" \"um\" \"mm\"\n");
  CHECK(mixed.voxel_size == approx({4, 0.003, 2}).within(1e-9));
  CHECK(mixed.affine[7] == doctest::Approx(-0.02));
}

TEST_CASE("a unit that is not known is refused, and so are units of another number") {
  const SpaceFile read;
  CHECK(
      read.error_with(kPlaced + "space units: \"mm\" \"mm\" \"parsec\"\n") ==
      "3: a.nrrd: space units: unknown unit 'parsec'; known: mm, m, dm, cm, um, nm, pm, angstrom, "
      "in, km");
  CHECK(read.error_with(kPlaced + "space units: \"mm\" \"mm\"\n") ==
        "3: a.nrrd: space units: expected 3, found '\"mm\" \"mm\"'");
  CHECK(read.error_with("spacings: 1 1 1\nunits: \"mm\" \"mm\" \"s\"\n")
            .starts_with("3: a.nrrd: units: unknown unit 's'; known: "));
  CHECK(read.error_with(kPlaced + "units: \"mm\" \"mm\" \"um\"\n") ==
        "3: a.nrrd: expected 'space units' beside axes of different units, found none");
  CHECK(read.error_with(kPlaced + "space units: \"\x1b[2J\" \"\" \"\"\n")
            .starts_with("3: a.nrrd: space units: unknown unit '\\x1b[2J'"));
}

TEST_CASE("the units of a NRRD's axes scale spacings and positions") {
  const SpaceFile read;
  CHECK(read.geometry("spacings: 2 3 4\nunits: \"um\" \"um\" \"mm\"\n").voxel_size ==
        approx({4, 0.003, 0.002}).within(1e-12));
  CHECK(read.geometry(kPlaced + "units: \"um\" \"um\" \"um\"\n").voxel_size ==
        approx({0.004, 0.003, 0.002}).within(1e-12));
  CHECK(read.geometry("axis mins: 0 0 0\naxis maxs: 4 6 8\n").voxel_size ==
        std::array<double, 3>{2, 2, 2});
  CHECK(read.geometry("axis mins: 0 0 0\naxis maxs: 4 6 9\ncenters: node node node\n").voxel_size ==
        std::array<double, 3>{3, 3, 4});
  CHECK(read.geometry("spacings: nan 3 -4\n").voxel_size == std::array<double, 3>{4, 3, 1});
  CHECK(read.warnings(nrrd_of("2 3 4", "spacings: nan 3 -4\n")).size() == 2);
  CHECK(!open_volume(read.path(nrrd_of("2 3 4", "spacings: nan nan nan\n")), {}).header().geometry);
  CHECK(read.error_with("spacings: 1 0 1\n") ==
        "3: a.nrrd: spacings: expected numbers other than 0, found 0");
  CHECK(read.error_with("spacings: 1 x 1\n") == "3: a.nrrd: spacings: expected numbers, found 'x'");
  CHECK(read.error_with("spacings: 1 inf 1\n") ==
        "3: a.nrrd: spacings: expected numbers, found 'inf'");
}

TEST_CASE("a NRRD has an orientation only where its space is a patient's") {
  const SpaceFile read;
  const std::string directions = "space directions: (2,0,0) (0,3,0) (0,0,4)\n";
  struct Row {
    const char* space;
    const char* letters;
  };
  const Row rows[] = {{"space: RAS\n", "RAS"},      {"space: right-anterior-superior\n", "RAS"},
                      {"space: LAS\n", "LAS"},      {"space: lps\n", "LPS"},
                      {"space: scanner-xyz\n", ""}, {"space: 3D-right-handed\n", ""},
                      {"space dimension: 3\n", ""}, {"", ""}};
  for (const Row& row : rows) {
    INFO(row.space);
    const Geometry found = read.geometry(row.space + directions);
    CHECK((found.is_oriented() ? orientation(found.affine) : "") == row.letters);
  }
  CHECK(!read.geometry("spacings: 1 1 1\n").is_oriented());
  CHECK(read.error_with("space: left-posterior-supreior\n" + directions) ==
        "3: a.nrrd: space: expected one of three axes without time, found "
        "'left-posterior-supreior'; did you mean 'left-posterior-superior'?");
  CHECK(
      read.error_with("space: RAST\n" + directions)
          .starts_with("3: a.nrrd: space: expected one of three axes without time, found 'RAST'"));
  CHECK(read.error_with("space: RAS\nspace dimension: 3\n" + directions) ==
        "3: a.nrrd: expected either 'space' or 'space dimension', found both");
  CHECK(read.error_with("space dimension: 2\n" + directions) ==
        "3: a.nrrd: space dimension: expected 3, found 2");
  CHECK(read.error_with("space: RAS\nspace directions: (1,0,0) (2,0,0) (0,0,1)\n") ==
        "3: a.nrrd: space directions: expected vectors that span space, found '(1,0,0) (2,0,0) "
        "(0,0,1)'");
  CHECK(read.error_with(kPlaced + "spacings: 1 1 1\n").empty());
}

TEST_CASE("axes of colours, vectors and times are channels, not space") {
  const SpaceFile read;
  struct Row {
    const char *sizes, *fields, *axes;
  };
  const Row rows[] = {
      {"2 3 4", "", "dhw 4x3x2"},
      {"2 3 4", "kinds: domain domain domain\n", "dhw 4x3x2"},
      {"2 3 4", "kinds: space space space\n", "dhw 4x3x2"},
      {"3 2 4", "kinds: RGB-color domain domain\n", "dhwc 1x4x2x3"},
      {"3 2 4", "kinds: 3-color space space\n", "dhwc 1x4x2x3"},
      {"4 2 3", "kinds: RGBA-color domain domain\n", "dhwc 1x3x2x4"},
      {"2 4 3", "kinds: vector domain domain\n", "dhwc 1x3x4x2"},
      {"2 3 4", "kinds: domain domain list\n", "cdhw 4x1x3x2"},
      {"2 3 4", "kinds: domain domain time\n", "cdhw 4x1x3x2"},
      {"2 3 4", "space directions: none (1,0,0) (0,1,0)\n", "dhwc 1x4x3x2"},
      {"2 3 4 1", "kinds: domain domain domain 3-vector\n",
       "3: a.nrrd: kinds: expected an axis of 3 for '3-vector', found one of 1"},
      {"3 2 2 2", "kinds: 3-vector domain domain domain\n", "dhwc 2x2x2x3"},
      {"2 2 3 2", "kinds: domain domain covariant-vector domain\n", "dchw 2x3x2x2"},
      {"2 2 2 3", "space directions: (1,0,0) (0,1,0) (0,0,1) none\n", "cdhw 3x2x2x2"},
      {"2 2 2 3", "", "cdhw 3x2x2x2"},
      {"2 2 6 1", "kinds: vector time domain domain\n",
       "3: a.nrrd: expected at most one axis that is no axis of space, found 2"},
      {"2 3 4", "kinds: domain domain\n",
       "3: a.nrrd: kinds: expected 3, one per axis, found 'domain domain'"},
      {"2 3 4", "kinds: domain domain rgb-colour\n",
       "3: a.nrrd: kinds: unknown kind 'rgb-colour'; did you mean 'rgb-color'?"},
      {"3 2 4", "kinds: RGB-color domain domain\nspace directions: (1,0,0) (0,1,0) (0,0,1)\n",
       "3: a.nrrd: space directions: expected none for the axis 0 of kind 'RGB-color', found one"}};
  for (const Row& row : rows) {
    INFO(row.sizes, " ", row.fields);
    CHECK(read.axes(nrrd_of(row.sizes, row.fields)) == row.axes);
  }
  CHECK(read.warnings(nrrd_of("2 2 2 3", "")) ==
        std::vector<std::string>{"kinds: expected the axis of channels to be marked, found 4 axes "
                                 "of space; the last one is taken for it"});
}

TEST_CASE("fields that tell how values were made are told, not dropped") {
  const SpaceFile read;
  CHECK(
      read.warnings(nrrd_of("2 3 4", "old min: 0\nold max: 1\n")) ==
      std::vector<std::string>{"old min: values were quantized and stay as stored; unu unquantize "
                               "restores them"});
  CHECK(read.error_with("old max: one\n") == "3: a.nrrd: old max: expected a number, found 'one'");
  CHECK(
      read.warnings(nrrd_of("3 2 2 2",
                            "kinds: vector domain domain domain\n"
                            "measurement frame: (0,1,0) (1,0,0) (0,0,1)\n")) ==
      std::vector<std::string>{"measurement frame: is left out; components stay in the frame they "
                               "were measured in"});
  CHECK(read.warnings(nrrd_of("2 3 4", "space diretions: (1,0,0) (0,1,0) (0,0,1)\n")) ==
        std::vector<std::string>{"the field 'space diretions' is not known and left out; did you "
                                 "mean 'space directions'?"});
  CHECK(read.warnings(nrrd_of("2 3 4", "content: a:=b\nmy key:=space: LPS\nthicknesses: 1 1 1\n"))
            .empty());
}
