#include <doctest/doctest.h>

#include "formats/readers/made_files.h"
#include "formats/readers/read_volume.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

const std::string kOpening = "ObjectType = Image\nNDims = 3\nDimSize = 3 2 1\n";
const std::string kUchar = "ElementType = MET_UCHAR\n";
const std::string kLocal = "ElementDataFile = LOCAL\n";

struct DamagedMetaImage {
  const TempDir dir;
  std::string error(const std::string& content) const {
    return reading_error(dir.write("a.mha", content));
  }
};

}  // namespace

TEST_CASE("a damaged or unknown MetaImage file is told with what is wrong") {
  const DamagedMetaImage read;
  const auto error = [&](const std::string& content) { return read.error(content); };
  const std::string good = kOpening + kUchar;
  CHECK(error(good + kLocal + "sixbyt").empty());
  const std::string other = "3: a.mha: expected a MetaImage file, found another beginning";
  CHECK(error("") == other);
  CHECK(error("no image\n") == other);
  CHECK(error(good) == "3: a.mha: expected the field 'ElementDataFile', found none");
  CHECK(error(good + kLocal + "four") ==
        "3: a.mha: voxels: expected 6 bytes for 1x2x3, found at most 4; the file is cut short or "
        "its header damaged");
  CHECK(error(good + "words\n" + kLocal) ==
        "3: a.mha: expected 'Field = value' in the header, found 'words'");
  CHECK(error(good + kUchar + kLocal) == "3: a.mha: duplicate field 'ElementType'");
  CHECK(error("ObjectType = Tube\n" + kLocal) ==
        "3: a.mha: ObjectType: expected Image, found 'Tube'");
  CHECK(error(good + "BinaryData = False\n" + kLocal) ==
        "3: a.mha: BinaryData: expected True, found False; elements as text are not read");
  CHECK(error(good + "CompressedData = maybe\n" + kLocal) ==
        "3: a.mha: CompressedData: expected True or False, found 'maybe'");
  CHECK(error(good + "CompressedData = True\n" + kLocal + "sixbyt") ==
        "3: a.mha: its gzip data is damaged: incorrect header check");
  CHECK(error(kOpening + "ElementType = MET_USHRT\n" + kLocal) ==
        "3: a.mha: ElementType: expected integers or floats, found 'MET_USHRT'; did you mean "
        "'MET_USHORT'?");
  CHECK(error(kOpening + kLocal) == "3: a.mha: expected the field 'ElementType', found none");
  CHECK(error(good + "HeaderSize = -2\n" + kLocal) ==
        "3: a.mha: HeaderSize: expected an integer of at least -1, found '-2'");
  CHECK(error(good + "HeaderSize = 7\n" + kLocal + "sixbyt") ==
        "3: a.mha: HeaderSize: expected 7 bytes, found 6; the file is cut short");
  CHECK(error(good + "HeaderSize = -1\nCompressedData = True\n" + kLocal) ==
        "3: a.mha: HeaderSize: expected 0 or more beside CompressedData, found -1");
}

TEST_CASE("sizes and positions of a MetaImage header that cannot be are told") {
  const DamagedMetaImage read;
  for (const char* sizes : {"3 2", "3 0 1", "3 -2 1", "3 2 x", "3 2 99999999999999999999"})
    CHECK(read.error("NDims = 3\nDimSize = " + std::string(sizes) + "\n" + kUchar + kLocal) ==
          "3: a.mha: DimSize: expected 3 positive integers, found '" + std::string(sizes) + "'");
  CHECK(read.error("NDims = 3\nDimSize = 4000000000 4000000000 4000000000\n" + kUchar + kLocal) ==
        "3: a.mha: expected a volume, found the shape 4000000000x4000000000x4000000000");
  CHECK(read.error("NDims = 9\n" + kUchar + kLocal) == "3: a.mha: NDims: expected 2 to 4, found 9");
  CHECK(read.error(kUchar + kLocal) == "3: a.mha: expected the field 'NDims', found none");
  const auto error = [&](const std::string& field) {
    return read.error(kOpening + kUchar + field + "\n" + kLocal + "sixbyt");
  };
  CHECK(error("ElementSpacing = 1 1") ==
        "3: a.mha: ElementSpacing: expected 3 finite numbers, found '1 1'");
  CHECK(error("ElementSpacing = 1 0 1") ==
        "3: a.mha: ElementSpacing: expected numbers above 0, found '1 0 1'");
  CHECK(error("Offset = 1 nan 1") ==
        "3: a.mha: Offset: expected 3 finite numbers, found '1 nan 1'");
  CHECK(error("TransformMatrix = 1 0 0 1 0 0 0 0 1") ==
        "3: a.mha: TransformMatrix: expected vectors that span space, found '1 0 0 1 0 0 0 0 1'");
}

TEST_CASE("separate elements of a MetaImage have to be a file in the header's folder or below") {
  const DamagedMetaImage read;
  const auto error = [&](const std::string& name) {
    return read.error(kOpening + kUchar + "ElementDataFile = " + name + "\n");
  };
  read.dir.write("sub/one.raw", "sixbyt");
  read.dir.write("50%.raw", "sixbyt");
  CHECK(error("sub/one.raw").empty());
  CHECK(error("50%.raw").empty());
  CHECK(error("../one.raw") ==
        "3: a.mha: ElementDataFile: expected a file in the header's folder or below, found "
        "'../one.raw'; move it there");
  CHECK(error("absent.raw") == "3: a.mha: ElementDataFile: there is no absent.raw");
  CHECK(error("a.mha") == "3: a.mha: ElementDataFile: expected another file, found the header");
  const std::string list =
      "3: a.mha: ElementDataFile: expected one file, found a list of slices; ITK's or 3D Slicer's "
      "writer makes one .mha of them";
  CHECK(error("LIST") == list);
  CHECK(error("LIST 2\na.raw\nb.raw") == list);
  CHECK(error("slice%03d.raw 1 10 1") == list);
}

TEST_CASE("a scale of intensities in a MetaImage header is told and left out") {
  const TempDir dir;
  const std::string scale = "ElementToIntensityFunctionSlope = ";
  const auto warnings = [&](const std::string& slope) {
    const std::string header = kOpening + kUchar + scale + slope + "\n" + kLocal;
    return open_volume(dir.write("a.mha", header + "sixbyt"), {}).header().warnings;
  };
  CHECK(warnings("1").empty());
  CHECK(warnings("2") == std::vector<std::string>{"ElementToIntensityFunctionSlope: is left out, "
                                                  "as ITK does; values stay as stored"});
}
