#include <doctest/doctest.h>
#include <sys/stat.h>

#include "formats/readers/made_files.h"
#include "formats/readers/read_volume.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

const std::string kBytesRaw = "type: uchar\nencoding: raw\n";

struct DamagedNrrd {
  const TempDir dir;
  std::string error(const std::string& content) const {
    return reading_error(dir.write("a.nrrd", content));
  }
};

}  // namespace

TEST_CASE("a field that is missing or empty is not taken for 0") {
  const DamagedNrrd read;
  const std::string magic = "NRRD0004\n";
  CHECK(read.error(magic + "sizes:\n" + kBytesRaw + "\n") ==
        "3: a.nrrd: expected the field 'dimension', found none");
  CHECK(read.error(magic + "dimension:\nsizes:\n" + kBytesRaw + "\n") ==
        "3: a.nrrd: dimension: expected an integer of at least 1, found ''");
  CHECK(read.error(magic + "dimension: 0\nsizes:\n" + kBytesRaw + "\n") ==
        "3: a.nrrd: dimension: expected an integer of at least 1, found '0'");
  CHECK(read.error(magic + "dimension: 3\nsizes:\n" + kBytesRaw + "\n") ==
        "3: a.nrrd: sizes: expected 3 positive integers, found ''");
  CHECK(read.error(magic + "dimension: 3\n" + kBytesRaw + "\n") ==
        "3: a.nrrd: expected the field 'sizes', found none");
  const std::string sizes = magic + "dimension: 3\nsizes: 1 1 1\n";
  CHECK(read.error(sizes + "type: uchar\n\nx") ==
        "3: a.nrrd: expected the field 'encoding', found none");
  CHECK(read.error(sizes + "type:\nencoding: raw\n\nx") ==
        "3: a.nrrd: type: expected integers or floats, found ''");
  CHECK(read.error(sizes + "type: uchar\nencoding:\n\nx")
            .starts_with("3: a.nrrd: encoding: expected raw or gzip, found ''"));
  CHECK(read.error(sizes + "type: |\nencoding: raw\n\nx") ==
        "3: a.nrrd: type: expected integers or floats, found '|'");
  for (const char* field : {"space", "spacings", "space origin", "space units", "units", "kinds",
                            "space directions", "endian", "byte skip", "line skip", "data file"}) {
    INFO(field);
    const std::string error = read.error(sizes + kBytesRaw + field + ":\n\nx");
    CHECK((error.empty() || error.starts_with("3: a.nrrd: ")));
  }
}

TEST_CASE("versions and encodings that are not known are refused") {
  const DamagedNrrd read;
  const std::string rest = "dimension: 2\nsizes: 1 1\ntype: uchar\n";
  CHECK(read.error("NRRD0006\n" + rest + "encoding: raw\n\nx") ==
        "3: a.nrrd: expected the version NRRD0001 to NRRD0005, found 'NRRD0006'");
  CHECK(read.error("NRRD0004\n" + rest + "encoding: Raw\n\nx").empty());
  for (const char* encoding : {"text", "ascii", "hex", "bzip2", "zrl", "\x1b[31m"}) {
    INFO(encoding);
    CHECK(read.error("NRRD0004\n" + rest + "encoding: " + encoding + "\n\nx")
              .starts_with("3: a.nrrd: encoding: expected raw or gzip, found '"));
  }
  CHECK(read.error("NRRD0004\n" + rest + "encoding: gzip\nbyte skip: -1\n\n" + gzip("x")) ==
        "3: a.nrrd: byte skip: expected 0 or more beside the encoding gzip, found -1");
  CHECK(read.error("NRRD0004\n" + rest + "encoding: \x1b[31m\n\nx")
            .starts_with("3: a.nrrd: encoding: expected raw or gzip, found '\\x1b[31m'"));
}

TEST_CASE("separate data of a NRRD have to be a file in the header's folder or below") {
  const DamagedNrrd read;
  const std::string header = "NRRD0004\ndimension: 2\nsizes: 1 1\n" + kBytesRaw;
  const auto error = [&](const std::string& name) {
    return read.error(header + "data file: " + name + "\n");
  };
  read.dir.write("sub/one.raw", "x");
  mkfifo((read.dir / "pipe").c_str(), 0600);
  CHECK(error("sub/one.raw").empty());
  CHECK(error("./sub/one.raw").empty());
  CHECK(error("../one.raw") ==
        "3: a.nrrd: data file: expected a file in the header's folder or below, found "
        "'../one.raw'; move it there");
  CHECK(error("sub/../../one.raw").starts_with("3: a.nrrd: data file: expected a file in"));
  CHECK(error("/etc/passwd").starts_with("3: a.nrrd: data file: expected a file in"));
  CHECK(error("pipe") == "3: pipe: expected a file, found a FIFO");
  CHECK(error("sub") == "3: sub: expected a file, found a folder");
  CHECK(error("a.nrrd") == "3: a.nrrd: data file: expected another file, found the header");
  CHECK(error("") == "3: a.nrrd: data file: there is no ");
  CHECK(error("missing\x1b.raw") == "3: a.nrrd: data file: there is no missing\\x1b.raw");
  CHECK(error(std::string(5000, 'x')).starts_with("3: a.nrrd: data file: there is no "));
  const std::string list =
      "3: a.nrrd: data file: expected one file, found a list of them; unu save "
      "-f nrrd writes one";
  CHECK(error("LIST 2\na.raw") == list);
  CHECK(error("slice%03d.raw 1 10 1") == list);
  read.dir.write("50%.raw", "x");
  CHECK(error("50%.raw").empty());
}

TEST_CASE("what follows the voxels of a NRRD is told") {
  const TempDir dir;
  const std::string header = "NRRD0004\ndimension: 2\nsizes: 2 1\n" + kBytesRaw;
  VolumeFile file = open_volume(dir.write("a.nrrd", header + "\nabcde"), {});
  std::array<std::byte, 2> voxels{};
  file.read(voxels);
  CHECK(file.finish() == "3 bytes after the voxels (1x1x2) are left out");
}
