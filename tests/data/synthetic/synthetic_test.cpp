#include "data/synthetic/synthetic.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "base/file.h"
#include "data/hdf5/file.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

std::vector<std::byte> image_of(const std::string& kind, const SyntheticOptions& options) {
  hdf5::Writer file = hdf5::Writer::in_memory("a.h5");
  make_synthetic(kind, file, options);
  return file.image();
}

hdf5::File made(const TempDir& dir, const std::string& kind, const SyntheticOptions& options) {
  write_file_atomically(dir / "a.h5", image_of(kind, options));
  return hdf5::File(dir / "a.h5");
}

}  // namespace

TEST_CASE("a synthetic set is a function of its seed") {
  for (const std::string& kind : synthetic_kinds()) {
    CAPTURE(kind);
    const SyntheticOptions options{.count = 3, .size = {8, 9, 10}, .seed = 1};
    SyntheticOptions other = options;
    other.seed = 2;
    CHECK(image_of(kind, options) == image_of(kind, options));
    CHECK(image_of(kind, options) != image_of(kind, other));
  }
}

TEST_CASE("a sample does not depend on how many there are") {
  const TempDir dir;
  const auto few = made(dir, "field", {.count = 2, .size = {8, 8, 8}});
  const auto expected = few.open("volumes").read<float>();
  const TempDir other;
  const auto many = made(other, "field", {.count = 5, .size = {8, 8, 8}});
  CHECK(many.open("volumes").read<float>({{0, 0, 0, 0, 0}, {2, 1, 8, 8, 8}}) == expected);
}

TEST_CASE("shapes come equally often and differ from their background") {
  const TempDir dir;
  const std::int64_t classes = std::ssize(shape_names());
  const auto file = made(
      dir, "shapes", {.count = 2 * classes, .size = {16, 16, 16}, .classes = classes, .noise = 0});
  const auto labels = file.open("labels").read<std::int64_t>();
  const auto volumes = file.open("volumes").read<float>();
  CHECK(file.open("volumes").shape() == Shape{2 * classes, 1, 16, 16, 16});
  for (std::size_t i = 0; i < labels.size(); ++i) {
    CHECK(labels[i] == static_cast<std::int64_t>(i) % classes);
    const auto begin = volumes.begin() + static_cast<std::ptrdiff_t>(4096 * i);
    CHECK(std::set<float>(begin, begin + 4096).size() == 2);
  }
}

TEST_CASE("blobs hold every class, brighter with its number") {
  const TempDir dir;
  const auto file =
      made(dir, "blobs", {.count = 2, .size = {24, 24, 24}, .classes = 3, .noise = 0});
  const auto labels = file.open("labels").read<std::int64_t>();
  const auto volumes = file.open("volumes").read<float>();
  CHECK(file.open("labels").shape() == Shape{2, 24, 24, 24});
  std::set<std::pair<std::int64_t, float>> pairs;
  for (std::size_t i = 0; i < labels.size(); ++i) pairs.emplace(labels[i], volumes[i]);
  CHECK(pairs == std::set<std::pair<std::int64_t, float>>{{0, 38}, {1, 128}, {2, 217}});
}

TEST_CASE("a field's values are from 0 to 1 and its offset is its mean") {
  const TempDir dir;
  const auto file = made(dir, "field", {.count = 8, .size = {24, 24, 24}, .noise = 0});
  const auto values = file.open("values").read<float>();
  const auto volumes = file.open("volumes").read<float>();
  CHECK(file.open("values").shape() == Shape{8, 3});
  CHECK(file.attribute<std::string>("values", "names") == "offset, amplitude, frequency");
  for (std::size_t i = 0; i < 8; ++i) {
    double mean = 0;
    for (std::size_t v = 0; v < 13824; ++v) mean += volumes[13824 * i + v] / 13824.0;
    CHECK(std::abs(mean - (2 * values[3 * i] - 1)) < 0.5);
    for (std::size_t k = 0; k < 3; ++k) CHECK((values[3 * i + k] >= 0 && values[3 * i + k] < 1));
  }
}

TEST_CASE("the channels of a field are moments of its growth") {
  const TempDir dir;
  const auto file = made(dir, "field", {.count = 3, .size = {8, 8, 8}, .noise = 0, .channels = 3});
  const auto values = file.open("values").read<float>();
  const auto volumes = file.open("volumes").read<float>();
  CHECK(file.open("volumes").shape() == Shape{3, 3, 8, 8, 8});
  CHECK(file.open("values").shape() == Shape{3, 4});
  CHECK(file.attribute<std::string>("values", "names") == "offset, amplitude, frequency, growth");
  for (std::size_t i = 0; i < 3; ++i) {
    const float level = 2 * values[4 * i] - 1, growth = values[4 * i + 3];
    for (std::size_t v = 0; v < 512; ++v)
      for (std::size_t c = 0; c < 3; ++c) {
        const float first = volumes[1536 * i + v] - level;
        const float now = volumes[1536 * i + 512 * c + v] - level;
        CHECK(std::abs(now - first * (1 + growth * static_cast<float>(c) / 2)) < 1e-5);
      }
  }
}

TEST_CASE("options out of range are refused") {
  const auto error = [](const std::string& kind, const SyntheticOptions& options) {
    return error_of([&] { image_of(kind, options); });
  };
  CHECK(error("shapes", {.classes = 11}) == "2: --classes: expected 2 to 10, found 11");
  CHECK(error("blobs", {.classes = 1}) == "2: --classes: expected 2 to 16, found 1");
  CHECK(error("field", {.channels = 0}) == "2: --channels: expected 1 to 256, found 0");
  CHECK(error("blobs", {.channels = 2}) ==
        "2: --channels: expected 1 for blobs, found 2; only field has more");
  CHECK(error("field", {.size = {8, 7, 8}}) == "2: --size: expected 8 to 4096, found 7");
}
