#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "cli/results.h"
#include "formats/readers/made_files.h"
#include "formats/readers/nifti.h"
#include "formats/readers/nrrd_write.h"
#include "formats/writers/metaimage_write.h"
#include "formats/writers/tiff_write.h"
#include "preview/decoded.h"

// lucid-data info, stats and view say the same of a volume file as of what import makes of it.
namespace lucid::test {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kDepth = 9, kHeight = 12, kWidth = 14, kVoxels = kDepth * kHeight * kWidth;

Geometry place() {
  Geometry geometry = plain_geometry({3, 1.5, 2});
  geometry.affine = {-2, 0, 0, 10, 0, 0, 3, -5, 0, 1.5, 0, 7, 0, 0, 0, 1};
  geometry.sform_code = 1;
  return geometry;
}

float value_at(std::int64_t i) {
  return static_cast<float>(std::sin(0.01 * static_cast<double>(i)) * 100);
}
std::uint8_t label_at(std::int64_t i) {
  const std::int64_t d = i / (kHeight * kWidth), h = i / kWidth % kHeight, w = i % kWidth;
  if (std::abs(d - 4) > 2 || std::abs(h - 6) > 3) return 0;
  return w < 5 ? 0 : w < 9 ? 1 : 3;
}

template <class Make>
FillElements fill(const Make& make) {
  return [make](std::int64_t begin, std::span<std::byte> out) {
    using T = decltype(make(0));
    auto* to = reinterpret_cast<T*>(out.data());
    for (std::size_t i = 0; i < out.size() / sizeof(T); ++i)
      to[i] = make((begin + static_cast<std::int64_t>(i)) % (2 * kVoxels));
  };
}

// a.EXT of two channels of float32, and b.nii.gz of labels.
void write_volume(const TempDir& dir, const std::string& name) {
  const fs::path path = dir / name;
  const std::vector<std::int64_t> extents{2, kDepth, kHeight, kWidth};
  const FillElements values = fill(value_at);
  if (path.extension() == ".nrrd")
    write_nrrd_data(path, path, ElementType::kFloat32, extents, place(), values);
  else if (path.extension() == ".mha")
    write_metaimage_data(path, path, ElementType::kFloat32, extents, place(), values);
  else if (path.extension() == ".tif")
    write_tiff_data(path, path, ElementType::kFloat32, extents, place(), values);
  else
    write_nifti({path, true}, ElementType::kFloat32, extents, place(), values);
  write_nifti({dir / "b.nii.gz", true}, ElementType::kUint8, {kDepth, kHeight, kWidth}, place(),
              fill(label_at));
}

Json json_of(const ProgramResult& result) {
  CAPTURE(result.err);
  REQUIRE(result.code == 0);
  return parse_json(result.out, "stdout");
}

// The text without its first column, the name.
std::string without_names(const std::string& text) {
  std::string rest;
  for (const std::string& line : split(text, '\n')) {
    const auto name = std::min(line.find(' '), line.size());
    const auto next = std::min(line.find_first_not_of(' ', name), line.size());
    rest += line.substr(next) + "\n";
  }
  return rest;
}

}  // namespace

TEST_CASE("lucid-data stats of a volume file are those of its import") {
  const TempDir dir;
  for (const std::string suffix : {".nii.gz", ".nii", ".nrrd", ".mha", ".tif"}) {
    CAPTURE(suffix);
    write_volume(dir, "a" + suffix);
    fs::remove(dir / "a.h5");
    REQUIRE(run_in(dir, {"import", "a" + suffix, "--output", "a.h5"}).code == 0);
    const std::vector<std::string> percentiles{"--percentiles", "0,3.5,50,99"};
    const auto stats = [&](const std::string& file, const std::string& more) {
      std::vector<std::string> words{"stats", file, "--threads", "2"};
      words.insert(words.end(), percentiles.begin(), percentiles.end());
      if (!more.empty()) words.push_back(more);
      return run_in(dir, words);
    };
    const ProgramResult found = stats("a" + suffix, ""), expected = stats("a.h5", "");
    CHECK(found.err == "");
    CHECK(without_names(found.out) == without_names(expected.out));
    const Json a = json_of(stats("a" + suffix, "--json")), b = json_of(stats("a.h5", "--json"));
    REQUIRE(a.size() == 2);
    REQUIRE(b.size() == 2);
    for (std::size_t channel = 0; channel < 2; ++channel) {
      for (const char* key : {"channel", "count", "not_finite", "min", "max", "percentiles"})
        CHECK(a[channel][key] == b[channel][key]);
      for (const char* key : {"mean", "std"})
        CHECK(a[channel][key].get<double>() ==
              doctest::Approx(b[channel][key].get<double>()).epsilon(1e-12));
    }
  }
}

TEST_CASE("lucid-data info says what a volume file is") {
  const TempDir dir;
  for (const std::string suffix : {".nii.gz", ".nrrd", ".mha"}) {
    CAPTURE(suffix);
    write_volume(dir, "a" + suffix);
    fs::remove(dir / "a.h5");
    REQUIRE(run_in(dir, {"import", "a" + suffix, "--output", "a.h5"}).code == 0);
    const Json found = json_of(run_in(dir, {"info", "a" + suffix, "--json"}));
    const Json expected = json_of(run_in(dir, {"info", "a.h5", "--json"}));
    REQUIRE(found["volumes"].size() == 1);
    for (const char* key : {"shape", "axes", "type", "voxel_size_mm", "orientation", "affine",
                            "min", "max", "not_finite"}) {
      CAPTURE(key);
      CHECK(found["volumes"][0][key] == expected["volumes"][0][key]);
    }
    CHECK(found["volumes"][0]["orientation"] == "LSA");
  }
  const ProgramResult labels = run_in(dir, {"info", "b.nii.gz"});
  CHECK(labels.err == "");
  CHECK(labels.out ==
        "file         b.nii.gz\n"
        "format       NIfTI\n"
        "shape        9x12x14 (dhw)\n"
        "type         uint8\n"
        "voxel size   3 x 1.5 x 2 mm (d, h, w)\n"
        "orientation  LSA\n"
        "affine       -2  0  0  10\n"
        "             0  0  3  -5\n"
        "             0  1.5  0  7\n"
        "range        0 .. 3\n"
        "\n"
        "b.nii.gz\n"
        "label  count   share  class weight\n"
        "    0  1,197  79.17%        0.3158\n"
        "    1    140   9.26%        2.7000\n"
        "    3    175  11.57%        2.1600\n");
  const Json json = json_of(run_in(dir, {"info", "b.nii.gz", "--json"}));
  CHECK(json["volumes"][0]["labels"] == Json({{"0", 1197}, {"1", 140}, {"3", 175}}));
}

TEST_CASE("lucid-data info tells how values are stored, and of each array of an archive") {
  const TempDir dir;
  NiftiSpec spec;
  spec.slope = 0.5;
  spec.intercept = 3;
  dir.write("s.nii", nifti1(spec) + std::string("\0\1\2\3\4\5\6\7\10\11\12\13", 12));
  const ProgramResult scaled = run_in(dir, {"info", "s.nii"});
  CHECK(scaled.out.find("type        float32, stored as uint8 times 0.5 plus 3\n") !=
        std::string::npos);
  CHECK(scaled.out.find("range       3 .. 8.5\n") != std::string::npos);
  dir.write("a.npz",
            zip({{"x.npy", npy("|u1", "(1, 2, 3)", "abcdef")},
                 {"y.npy", npy("<i8", "(2,)",
                               bytes_of(std::vector<std::int64_t>{-5, std::int64_t{1} << 60}))},
                 {"names.npy", npy("<U1", "(1,)", "x   ")}}));
  const Json json = json_of(run_in(dir, {"info", "a.npz", "--json"}));
  REQUIRE(json["volumes"].size() == 3);
  CHECK(json["volumes"][0]["error"].get<std::string>().find("expected integers or floats") !=
        std::string::npos);
  CHECK(json["volumes"][1]["axes"].is_null());
  CHECK(json["volumes"][1]["max"] == 102);
  CHECK(json["volumes"][2]["max"] == std::int64_t{1} << 60);
  CHECK(json["volumes"][2]["min"] == -5);
  CHECK(run_in(dir, {"stats", "a.npz", "--dataset", "x"}).out.find("\nx ") != std::string::npos);
  CHECK(run_in(dir, {"stats", "a.npz", "--dataset", "z"}).err ==
        "a.npz: holds several arrays; say which with --dataset: names, x, y\n");
}

TEST_CASE("lucid-data view draws a volume file and its labels as their import") {
  const TempDir dir;
  for (const std::string suffix : {".nii.gz", ".nrrd", ".tif"}) {
    CAPTURE(suffix);
    write_volume(dir, "a" + suffix);
    fs::remove(dir / "a.h5");
    REQUIRE(run_in(dir, {"import", "a" + suffix, "--labels", "b.nii.gz", "--output", "a.h5",
                         "--no-channels"})
                .code == 0);
    const std::vector<std::string> style{"--overwrite", "--size", "100", "--channel", "1"};
    const auto draw = [&](std::vector<std::string> words) {
      words.insert(words.begin(), "view");
      words.insert(words.end(), style.begin(), style.end());
      const ProgramResult result = run_in(dir, words);
      CAPTURE(result.err);
      REQUIRE(result.code == 0);
    };
    draw({"a" + suffix, "--labels", "b.nii.gz", "--out", "found.png"});
    draw({"a.h5", "--dataset", "a/raw", "--labels", "a/label", "--out", "expected.png"});
    const Picture found = decoded(dir / "found.png"), expected = decoded(dir / "expected.png");
    REQUIRE(found.width() == expected.width());
    REQUIRE(found.height() == expected.height());
    std::int64_t different = 0;
    for (std::int64_t y = 40; y < found.height(); ++y)  // the title names other files
      for (std::int64_t x = 0; x < found.width(); ++x)
        different += found.at(x, y) == expected.at(x, y) ? 0 : 1;
    CHECK(different == 0);
  }
}

}  // namespace lucid::test
