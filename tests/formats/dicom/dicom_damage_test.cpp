#include <doctest/doctest.h>

#include "formats/dicom/dicom_files.h"
#include "formats/readers/read_volume.h"

using namespace lucid;
using namespace lucid::test;

namespace {

// Opens and reads a file; an error is one line with an end.
void read_damaged(const TempDir& dir, const std::string& content) {
  const std::string error = reading_error(dir.write("a.dcm", content));
  CHECK(error.find('\n') == std::string::npos);
  CHECK(error.size() < 1000);
}

}  // namespace

TEST_CASE("a DICOM file that ends anywhere is an error, unless only its pixels' padding is lost") {
  const TempDir dir;
  const std::string content = dicom_content(dicom_series("plain"), 0);
  CHECK(reading_error(dir.write("a.dcm", content)).empty());
  for (std::size_t size = 132; size < content.size(); ++size) {
    CAPTURE(size);
    CHECK(reading_error(dir.write("a.dcm", content.substr(0, size))).starts_with("3: a.dcm: "));
  }
}

TEST_CASE("a DICOM file with any byte changed is read or refused") {
  const TempDir dir;
  for (const char* name : {"plain", "implicit", "big", "rle", "jpeg-ls"}) {
    CAPTURE(name);
    const std::string content = dicom_content(dicom_series(name), 0);
    for (std::size_t at = 0; at < content.size(); ++at)
      for (const char flip : {'\xff', '\x01', '\x80'}) {
        std::string damaged = content;
        damaged[at] = static_cast<char>(damaged[at] ^ flip);
        read_damaged(dir, damaged);
      }
  }
}

TEST_CASE("lengths and sizes of a DICOM file that cannot be are refused with their place") {
  const TempDir dir;
  const std::string content = dicom_content(dicom_series("plain"), 0);
  const auto at =
      content.find(std::string("\x28\x00\x30\x00"
                               "DS",
                               6));
  REQUIRE(at != std::string::npos);
  std::string damaged = content;
  damaged.replace(at + 6, 2, "\xff\xff");
  CHECK(reading_error(dir.write("a.dcm", damaged)) ==
        "3: a.dcm: element (0028,0030) at byte " + std::to_string(at) +
            ": expected 65,535 bytes, found the end of the file; it is cut short or damaged");
  CHECK(reading_error(dir.write("a.dcm", with_text(content, "2.0\\0.5", "0.0\\0.5"))) ==
        "3: a.dcm: PixelSpacing: expected numbers above 0, found '0.0\\0.5'");
  CHECK(reading_error(dir.write("a.dcm", with_text(content, "2.0\\0.5", "x.0\\0.5"))) ==
        "3: a.dcm: PixelSpacing: expected 2 finite numbers, found 'x.0\\0.5'");
  const std::string syntax = "1.2.840.10008.1.2.1";
  CHECK(reading_error(dir.write("a.dcm", with_text(content, syntax, "1.2.840.10009.1.2.1"))) ==
        "3: a.dcm: TransferSyntaxUID: expected one of the standard, found '1.2.840.10009.1.2.1'");
}
