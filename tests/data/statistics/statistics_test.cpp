#include "data/statistics/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "data/chunks/stored_x.h"
#include "data/hdf5/write.h"

using namespace lucid;
using namespace lucid::test;

namespace {

const std::vector<double> kPercents = {0, 0.5, 33, 50, 99.5, 100};

Statistics measure(const std::filesystem::path& path, int threads) {
  ChunkCache cache(0);
  const ChunkedArray array(open_x(path), cache);
  return measure_statistics(array, whole(array.array()), kPercents, threads,
                            [](std::size_t, std::size_t) {});
}

// Interpolates like numpy's "linear", between the two sorted values next to the position.
double percentile(std::vector<double> values, double percent) {
  std::ranges::sort(values);
  const double place = percent / 100 * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  const std::size_t high = std::min(low + 1, values.size() - 1);
  return values[low] + (place - static_cast<double>(low)) * (values[high] - values[low]);
}

struct NumberType {
  const char* name;
  hid_t type;
  double scale, offset;
};

std::vector<NumberType> every_number_type() {
  return {{"uint8", H5T_STD_U8LE, 1, 0},           {"int8", H5T_STD_I8LE, 1, -60},
          {"uint16", H5T_STD_U16LE, 500, 3},       {"int16 big", H5T_STD_I16BE, 250, -9000},
          {"uint32", H5T_STD_U32LE, 3e7, 5},       {"int32", H5T_STD_I32LE, 3e7, -1e9},
          {"int64", H5T_STD_I64LE, 1e13, -2e14},   {"uint64", H5T_STD_U64LE, 1e13, 7},
          {"float32", H5T_IEEE_F32LE, 0.25, -9.5}, {"float64", H5T_IEEE_F64LE, 0.1, -3.7},
          {"float32 zeros", H5T_IEEE_F32LE, 0, 0}};
}

}  // namespace

TEST_CASE("statistics of every type are those of the sorted numbers") {
  const TempDir dir;
  for (const NumberType& row : every_number_type()) {
    CAPTURE(row.name);
    store_x(dir / "a.h5", {40, 30, 35}, row.type, chunks({16, 7, 35}, both), Content::kNone);
    std::vector<double> values = values_for(40 * 30 * 35);
    for (double& value : values) value = row.scale * value + row.offset;
    change_x(dir / "a.h5", [&](hid_t array) {
      H5Dwrite(array, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    });
    values = open_x(dir / "a.h5").read<double>();
    const auto count = static_cast<double>(values.size());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
    double squares = 0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    const Statistics found = measure(dir / "a.h5", 1);
    CHECK(found.count == std::ssize(values));
    CHECK(found.min == *std::ranges::min_element(values));
    CHECK(found.max == *std::ranges::max_element(values));
    CHECK(found.mean == doctest::Approx(mean).epsilon(1e-12));
    CHECK(found.std == doctest::Approx(std::sqrt(squares / count)).epsilon(1e-12));
    REQUIRE(found.percentiles.size() == kPercents.size());
    for (std::size_t i = 0; i < kPercents.size(); ++i)
      CHECK(found.percentiles[i] == percentile(values, kPercents[i]));
    const Statistics shared = measure(dir / "a.h5", 3);
    CHECK(shared.mean == found.mean);
    CHECK(shared.std == found.std);
    CHECK(shared.percentiles == found.percentiles);
  }
}

TEST_CASE("statistics leave out and count what is not finite") {
  const TempDir dir;
  store(dir / "a.h5", "x", {{6}, {3, NAN, -1, INFINITY, -INFINITY, 2}, H5T_IEEE_F32LE});
  const Statistics found = measure(dir / "a.h5", 1);
  CHECK(found.count == 3);
  CHECK(found.not_finite == 3);
  CHECK(found.min == -1);
  CHECK(found.max == 3);
  CHECK(found.percentiles[3] == 2);
  store(dir / "b.h5", "x", {{2}, {NAN, NAN}, H5T_IEEE_F64LE});
  const Statistics none = measure(dir / "b.h5", 1);
  CHECK(none.count == 0);
  CHECK(none.not_finite == 2);
  CHECK(std::isnan(none.mean));
  CHECK(none.percentiles.empty());
}

TEST_CASE("labels are counted where there are few") {
  const TempDir dir;
  for (const hid_t type : {H5T_STD_I8LE, H5T_STD_I16BE, H5T_STD_I32LE, H5T_STD_I64LE}) {
    store(dir / "a.h5", "x", {{2, 2, 2}, {0, 0, 5, 5, 5, -100, 0, 5}, type});
    CHECK(measure(dir / "a.h5", 2).labels ==
          std::map<std::int64_t, std::int64_t>{{-100, 1}, {0, 3}, {5, 4}});
    std::filesystem::remove(dir / "a.h5");
    store(dir / "a.h5", "x", {{65}, {}, type});
    CHECK(measure(dir / "a.h5", 2).labels.empty());
    std::filesystem::remove(dir / "a.h5");
  }
}

TEST_CASE("integers that double cannot hold are exact, and no labels beyond 2^63") {
  const TempDir dir;
  std::vector<std::uint64_t> values(8, 16777217);
  values[5] = std::numeric_limits<std::uint64_t>::max() - 99;
  hdf5::Writer writer(dir / "a.h5");
  writer.create("x", ElementType::kUint64, {8});
  writer.write_stored("x", {{0}, {8}}, std::as_bytes(std::span(values)));
  writer.close();
  const Statistics found = measure(dir / "a.h5", 1);
  CHECK(found.exact_min == "16777217");
  CHECK(found.exact_max == "18446744073709551516");
  CHECK(found.labels.empty());
}
