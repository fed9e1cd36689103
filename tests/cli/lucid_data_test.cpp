#include <doctest/doctest.h>
#include <hdf5.h>

#include <cmath>

#include "cli/results.h"
#include "data/hdf5/file.h"
#include "data/hdf5/h5_files.h"
#include "paths.h"

using namespace lucid;
using namespace lucid::test;

namespace {}  // namespace

TEST_CASE("lucid-data makes a set and describes it") {
  const TempDir dir;
  const auto made = run_in(dir, {"make", "shapes", "--output", "a.h5", "--count", "3", "--size",
                                 "8,9,10", "--seed", "1"});
  CHECK(made.code == 0);
  CHECK(made.out.empty());
  CHECK(made.err.empty());
  const auto info = run_in(dir, {"info", "a.h5"});
  CHECK(info.code == 0);
  CHECK(
      info.out.starts_with("dataset   shape       type   storage     ratio  range\n"
                           "/labels   3           uint8  contiguous   1.00  0 .. 2\n"
                           "/volumes  3x1x8x9x10  uint8  contiguous   1.00  "));
  CHECK(
      info.out.ends_with("\n/labels\n"
                         "label  count   share  class weight\n"
                         "    0      1  33.33%        1.0000\n"
                         "    1      1  33.33%        1.0000\n"
                         "    2      1  33.33%        1.0000\n"));
}

TEST_CASE("lucid-data makes one volume in chunks") {
  const TempDir dir;
  const std::vector<std::string> arguments{"make",      "volume",  "--output",  "a.h5",   "--size",
                                           "32",        "--chunk", "16,16,32",  "--type", "uint16",
                                           "--deflate", "1",       "--threads", "2"};
  const auto made = run_in(dir, arguments);
  CHECK(made.code == 0);
  CHECK(made.err.empty());
  const auto info = run_in(dir, {"info", "a.h5"});
  CHECK(info.out.find("/raw     32x32x32  uint16  chunks 16x16x32, shuffle, deflate 1") !=
        std::string::npos);
  std::vector<std::string> wrong = arguments;
  wrong[3] = "b.h5";
  wrong.insert(wrong.end(), {"--count", "2"});
  CHECK(run_in(dir, wrong).err == "--count: is no option of volume\n");
  CHECK(run_in(dir, {"make", "blobs", "--output", "b.h5", "--coverage", "0.1"}).err ==
        "--coverage: is no option of blobs\n");
  CHECK(run_in(dir, {"make", "blobs", "--output", "b.h5", "--coverage", "0.1"}).code == 2);
}

TEST_CASE("lucid-data makes sets in chunks, too, of the same numbers") {
  const TempDir dir;
  for (const char* kind : {"shapes", "blobs", "field"}) {
    CAPTURE(kind);
    const std::vector<std::string> plain{"make", kind, "--count", "2", "--size", "16", "--output"};
    const auto storage_of = [&](const std::string& file, const std::vector<std::string>& more) {
      std::vector<std::string> arguments = plain;
      arguments.push_back(file);
      arguments.push_back("--overwrite");
      arguments.insert(arguments.end(), more.begin(), more.end());
      CHECK(run_in(dir, arguments).code == 0);
      return hdf5::File(dir / file).open("volumes").info().storage;
    };
    const bool is_float = kind == std::string("field");
    CHECK(storage_of("a.h5", {}) == "contiguous");
    CHECK(storage_of("b.h5", {"--deflate", "2"}) ==
          std::string("chunks 1x1x16x16x16, ") + (is_float ? "shuffle, " : "") + "deflate 2");
    CHECK(hdf5::File(dir / "b.h5").open("volumes").read<double>() ==
          hdf5::File(dir / "a.h5").open("volumes").read<double>());
    CHECK(storage_of("b.h5", {"--chunk", "8,16,4"}) == "chunks 1x1x8x16x4");
    if (kind == std::string("blobs"))
      CHECK(hdf5::File(dir / "b.h5").open("labels").info().storage == "chunks 1x8x16x4");
  }
}

TEST_CASE("lucid-data replaces an output only when told to") {
  const TempDir dir;
  dir.write("a.h5", "precious");
  const std::vector<std::string> arguments{"make", "field", "--output", "a.h5", "--count", "1"};
  const auto refused = run_in(dir, arguments);
  CHECK(refused.code == 2);
  CHECK(refused.err == "a.h5: exists; --overwrite replaces it\n");
  CHECK(read_text(dir / "a.h5") == "precious");
  std::vector<std::string> forced = arguments;
  forced.push_back("--overwrite");
  CHECK(run_in(dir, forced).code == 0);
  CHECK(hdf5::File(dir / "a.h5").open("values").shape() == Shape{1, 3});
}

TEST_CASE("lucid-data patches cuts the sample volume of the quick start") {
  const TempDir dir;
  const auto result =
      run_in(dir, {"patches", "--input", std::string(LUCID_SOURCE_DIR) + "/data/brain.h5", "--raw",
                   "raw", "--labels", "lobes", "--region", "w=47:", "--mirror", "w", "--size", "24",
                   "--per-class", "5", "--seed", "1", "--output", "a.h5"});
  CHECK(result.err == "");
  CHECK(result.code == 0);
  CHECK(hdf5::File(dir / "a.h5").open("volumes").shape() == Shape{30, 1, 24, 24, 24});
}

TEST_CASE("lucid-data info marks what it cannot read and ends with 0") {
  const TempDir dir;
  store(dir / "a.h5", "empty", {{2, 0}, {}});
  store(dir / "a.h5", "halves", {{3}, {0.5, 1, -2}, H5T_IEEE_F32BE});
  store(dir / "a.h5", "scalar", {{}, {5}, H5T_STD_I64LE});
  const hid_t file = H5Fopen((dir / "a.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  H5Lcreate_external("gone.h5", "/x", file, "link", H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(file);
  const auto info = run_in(dir, {"info", "a.h5"});
  CHECK(info.code == 0);
  CHECK(info.out ==
        "dataset  shape   type                storage     ratio  range\n"
        "/empty   2x0     uint8               contiguous      -  -\n"
        "/halves  3       float32 big-endian  contiguous   1.00  -2 .. 1\n"
        "/link    unreadable: a.h5: /link: leads nowhere\n"
        "/scalar  scalar  int64               contiguous   1.00  5 .. 5\n");
}

TEST_CASE("lucid-data info counts labels and weighs classes as weight auto does") {
  const TempDir dir;
  store(dir / "a.h5", "labels", {{8}, {0, 0, 0, 0, 0, 3, 3, -100}, H5T_STD_I32LE});
  CHECK(run_in(dir, {"info", "a.h5"}).out ==
        "dataset  shape  type   storage     ratio  range\n"
        "/labels      8  int32  contiguous   1.00  -100 .. 3\n"
        "\n/labels\n"
        "label  count   share  class weight\n"
        " -100      1  12.50%             -\n"
        "    0      5  62.50%        0.3500\n"
        "    3      2  25.00%        0.8750\n");
}

TEST_CASE("lucid-data stats prints a row a channel") {
  const TempDir dir;
  store(dir / "a.h5", "x", {{2, 1, 2, 2}, {1, 2, 3, 4, 10, 20, 30, 40}, H5T_STD_U8LE});
  store(dir / "a.h5", "y", {{3}, {1, 2, NAN}, H5T_IEEE_F32LE});
  const auto both = run_in(dir, {"stats", "a.h5", "--axes", "cdhw", "--percentiles", "0,50,90"});
  CHECK(both.err == "");
  CHECK(both.out ==
        "dataset  channel  count  mean       std  min  0 %  50 %  90 %  max  NaN, Inf\n"
        "/x             0      4   2.5  1.118034    1    1   2.5   3.7    4         0\n"
        "/x             1      4    25  11.18034   10   10    25    37   40         0\n"
        "/y             0      2   1.5       0.5    1    1   1.5   1.9    2         1\n");
  const auto one = run_in(dir, {"stats", "a.h5", "--dataset", "x", "--json", "--threads", "2"});
  CHECK(one.out.find("\"mean\": 13.75") != std::string::npos);
  const auto wrong = run_in(dir, {"stats", "a.h5", "--axes", "dd"});
  CHECK(wrong.code == 2);
  CHECK(wrong.err.starts_with("--axes: expected "));
}

TEST_CASE("lucid-data rechunk copies a file and says what became smaller") {
  const TempDir dir;
  run_in(dir, {"make", "volume", "--output", "a.h5", "--size", "32", "--deflate", "0"});
  const auto result = run_in(dir, {"rechunk", "a.h5", "b.h5", "--chunk", "16,32,8", "--deflate",
                                   "9", "--no-shuffle", "--memory", "1", "--threads", "2"});
  CHECK(result.code == 0);
  CHECK(result.err == "");
  CHECK(result.out.starts_with("dataset  before "));
  CHECK(result.out.find("chunks 16x32x8, deflate 9") != std::string::npos);
  CHECK(hdf5::File(dir / "b.h5").open("raw").read<double>() ==
        hdf5::File(dir / "a.h5").open("raw").read<double>());
  CHECK(run_in(dir, {"rechunk", "a.h5", "b.h5"}).err == "b.h5: exists; --overwrite replaces it\n");
  CHECK(run_in(dir, {"rechunk", "a.h5", "c.h5", "--chunk", "big"}).err ==
        "--chunk: expected S or D,H,W, each at least 1, found 'big'\n");
}

TEST_CASE("lucid-data info ends with 3 for what is no HDF5 file") {
  const TempDir dir;
  dir.write("a.h5", "text");
  const auto info = run_in(dir, {"info", "a.h5"});
  CHECK(info.code == 3);
  CHECK(info.out.empty());
  CHECK(info.err == "a.h5: cannot be read as HDF5: file signature not found\n");
}

TEST_CASE("lucid-data says what is wrong with its arguments and ends with 2") {
  struct Row {
    std::vector<std::string> arguments;
    std::string error;
  };
  const Row kRows[] = {
      {{},
       "lucid-data: expected a subcommand, found none; known: make, patches, info, import, export, "
       "view, split, rechunk, stats, evaluate, postprocess; see lucid-data --help\n"},
      {{"info"}, "lucid-data: file is required; see lucid-data info --help\n"},
      {{"info", "absent.h5"}, "absent.h5: no such file\n"},
      {{"make", "shapes"}, "lucid-data: --output is required; see lucid-data make --help\n"},
      {{"make", "shapes", "--output", "a.h5", "--classes", "99"},
       "--classes: expected 2 to 10, found 99\n"},
      {{"make", "shapes", "--output", "a.h5", "--size", "x"},
       "--size: expected S or D,H,W, each at least 1, found 'x'\n"}};
  const TempDir dir;
  for (const Row& row : kRows) {
    const auto result = run_in(dir, row.arguments);
    CHECK(result.code == 2);
    CHECK(result.err == row.error);
    CHECK(std::filesystem::is_empty(dir.path()));
  }
}

TEST_CASE("lucid-data has help and a version") {
  const TempDir dir;
  CHECK(run_in(dir, {"--version"}).out == "lucid-data " LUCID_VERSION "\n");
  for (const char* command : {"make", "patches", "info", "stats", "rechunk"}) {
    const auto help = run_in(dir, {command, "--help"});
    CHECK(help.code == 0);
    CHECK(help.out.find("Usage: lucid-data " + std::string(command)) != std::string::npos);
  }
}

TEST_CASE("a full disk is one clear line and leaves nothing behind") {
  const TempDir dir;
  const auto result =
      run_program("lucid-data", {"info", std::string(LUCID_SOURCE_DIR) + "/data/brain.h5"},
                  {.cwd = dir.path(), .env = {}, .stdout_to = "/dev/full"});
  CHECK(result.code == 1);
  CHECK(result.err == "standard output: cannot be written\n");
  const std::string make = LUCID_BINARY_DIR "/lucid-data make shapes --output a.h5";
  const auto limited = run_program("/bin/sh", {"-c", "ulimit -f 64; trap '' XFSZ; " + make},
                                   {.cwd = dir.path(), .env = {}, .stdout_to = {}});
  CHECK(limited.code == 1);
  CHECK(limited.err == "a.h5: cannot be written: File too large\n");
  CHECK(std::filesystem::is_empty(dir.path()));
}
