#include "data/statistics/measured_boxes.h"

namespace lucid {

std::int64_t DatasetBoxes::next(std::vector<std::byte>& values) {
  const std::int64_t number = next_++;
  const hdf5::Region box = parts_.region(number);
  values.resize(Shape(box.count).count() * element_bytes(element()));
  array_.read_stored(box, values);
  return number;
}

Statistics measure_statistics(const ChunkedArray& array, const hdf5::Region& region,
                              std::span<const double> percentiles, int threads,
                              const Advance& advance) {
  constexpr std::size_t kBoxBytes = std::size_t{4} << 20;
  DatasetBoxes boxes(array, region, kBoxBytes, [&advance] { advance(0, 1); });
  return measure_boxes(boxes, percentiles, threads, advance);
}

}  // namespace lucid
