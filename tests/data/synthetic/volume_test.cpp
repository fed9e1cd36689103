#include "data/synthetic/volume.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "data/hdf5/file.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

VolumeOptions small() {
  VolumeOptions options;
  options.set.size = {70, 40, 50};
  options.set.classes = 3;
  options.set.seed = 3;
  options.chunk = {16, 16, 32};
  return options;
}

void make(const std::filesystem::path& path, const VolumeOptions& options) {
  hdf5::Writer file(path);
  make_volume(file, options, [](std::size_t, std::size_t) {});
  file.close();
}

template <class T>
std::vector<T> read(const std::filesystem::path& path, const std::string& dataset) {
  return hdf5::File(path).open(dataset).read<T>();
}

}  // namespace

TEST_CASE("a volume's labels cover about what was asked for, and its classes are brighter") {
  const TempDir dir;
  VolumeOptions options = small();
  options.coverage = 0.2;
  make(dir / "a.h5", options);
  const auto labels = read<std::int64_t>(dir / "a.h5", "labels");
  const auto raw = read<double>(dir / "a.h5", "raw");
  std::vector<double> count(3), sum(3);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    ++count.at(static_cast<std::size_t>(labels[i]));
    sum[static_cast<std::size_t>(labels[i])] += raw[i];
  }
  const double covered = 1 - count[0] / static_cast<double>(labels.size());
  CHECK(covered > 0.12);  // blobs overlap
  CHECK(covered < 0.22);
  CHECK(sum[0] / count[0] < sum[1] / count[1]);
  CHECK(sum[1] / count[1] < sum[2] / count[2]);
  const hdf5::Array stored = hdf5::File(dir / "a.h5").open("raw");
  CHECK(stored.info().storage == "chunks 16x16x32, shuffle, deflate 4");
  CHECK(stored.shape() == Shape{70, 40, 50});
}

TEST_CASE("a volume's file depends on the seed and not on the threads") {
  const TempDir dir;
  VolumeOptions options = small();
  make(dir / "one.h5", options);
  options.threads = 3;
  make(dir / "three.h5", options);
  CHECK(read_text(dir / "one.h5") == read_text(dir / "three.h5"));
  options.set.seed = 4;
  make(dir / "other.h5", options);
  CHECK(read_text(dir / "one.h5") != read_text(dir / "other.h5"));
}

TEST_CASE("a volume's numbers do not depend on its chunks, nor much on its type") {
  const TempDir dir;
  VolumeOptions options = small();
  make(dir / "a.h5", options);
  options.chunk = {7, 40, 11};
  options.deflate = 0;
  make(dir / "b.h5", options);
  CHECK(hdf5::File(dir / "b.h5").open("raw").info().storage == "chunks 7x40x11");
  const auto raw = read<double>(dir / "a.h5", "raw");
  CHECK(raw == read<double>(dir / "b.h5", "raw"));
  CHECK(read<double>(dir / "a.h5", "labels") == read<double>(dir / "b.h5", "labels"));
  options.type = ElementType::kUint16;
  make(dir / "c.h5", options);
  options.type = ElementType::kFloat32;
  make(dir / "d.h5", options);
  const auto wide = read<double>(dir / "c.h5", "raw"), levels = read<double>(dir / "d.h5", "raw");
  double worst_byte = 0, worst_wide = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const double level = std::clamp(levels[i], 0.0, 1.0);
    worst_byte = std::max(worst_byte, std::abs(raw[i] - 255 * level));
    worst_wide = std::max(worst_wide, std::abs(wide[i] - 65535 * level));
  }
  CHECK(worst_byte < 0.501);
  CHECK(worst_wide < 0.52);
}

TEST_CASE("a volume's noise has the deviation that was asked for") {
  const TempDir dir;
  VolumeOptions options = small();
  options.type = ElementType::kFloat32;
  options.set.noise = 0;
  make(dir / "clean.h5", options);
  options.set.noise = 0.25;
  make(dir / "noisy.h5", options);
  const auto clean = read<double>(dir / "clean.h5", "raw");
  const auto noisy = read<double>(dir / "noisy.h5", "raw");
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < clean.size(); ++i) {
    sum += noisy[i] - clean[i];
    squares += (noisy[i] - clean[i]) * (noisy[i] - clean[i]);
  }
  const auto count = static_cast<double>(clean.size());
  CHECK(std::abs(sum / count) < 0.003);
  CHECK(std::abs(std::sqrt(squares / count) - 0.25) < 0.003);
}

TEST_CASE("a volume that cannot be made is refused") {
  const TempDir dir;
  const auto error = [&](auto change) {
    VolumeOptions options = small();
    change(options);
    return error_of([&] { make(dir / "a.h5", options); });
  };
  CHECK(error([](VolumeOptions& o) { o.set.size[1] = 15; }) ==
        "2: --size: expected 16 to 65536, found 15");
  CHECK(error([](VolumeOptions& o) { o.chunk[2] = 1025; }) ==
        "2: --chunk: expected 1 to 1024, found 1025");
  CHECK(error([](VolumeOptions& o) { o.set.classes = 17; }) ==
        "2: --classes: expected 2 to 16, found 17");
}

TEST_CASE("a volume's making ends where its progress throws") {
  const TempDir dir;
  struct Stop {};
  hdf5::Writer file(dir / "a.h5");
  CHECK_THROWS_AS(make_volume(file, small(), [](std::size_t, std::size_t) { throw Stop{}; }), Stop);
}
