#include "data/statistics/describe.h"

#include <algorithm>

#include "base/memory.h"
#include "base/text.h"
#include "data/hdf5/copy.h"

namespace lucid {
namespace {

std::string shape_text(const hdf5::ArrayInfo& info) {
  if (info.is_null) return "empty";
  if (info.extents.empty()) return "scalar";
  std::vector<std::string> extents;
  for (const std::int64_t extent : info.extents) extents.push_back(std::to_string(extent));
  return join(extents, "x");
}

}  // namespace

std::string range_text(const Statistics& found, ElementType type) {
  const auto shortest = [type](double value) {
    return type == ElementType::kFloat32 ? number_text(static_cast<float>(value))
                                         : number_text(value);
  };
  std::string text = found.count == 0 ? "-" : shortest(found.min) + " .. " + shortest(found.max);
  if (!found.exact_min.empty()) text = found.exact_min + " .. " + found.exact_max;
  if (found.not_finite > 0) text += ", " + with_thousands(found.not_finite) + " NaN or infinite";
  return text;
}

Description describe_dataset(const hdf5::File& file, const std::string& dataset, int threads,
                             const Advance& advance) {
  hdf5::Array array = file.open(dataset);
  const hdf5::ArrayInfo info = array.info();
  Description description{
      {"/" + dataset, shape_text(info), info.type, info.storage, "-", "-"}, {}, info};
  const bool has_zero = std::ranges::count(info.extents, 0) > 0;
  if (info.is_null || has_zero || !info.element) return description;
  const Shape shape = array.shape();
  const std::uint64_t stored = array.storage_bytes();
  if (stored > 0) {
    description.ratio = static_cast<double>(shape.count()) *
                        static_cast<double>(hdf5::stored_element_bytes(array)) /
                        static_cast<double>(stored);
    description.cells[4] = fixed_text(*description.ratio, 2);
  }
  ChunkCache cache(0);
  const ChunkedArray chunked(std::move(array), cache);
  const hdf5::Region whole{std::vector<std::int64_t>(shape.rank(), 0), shape.extents()};
  Statistics found = naming_memory(chunked.array().place(), [&] {
    return measure_statistics(chunked, whole, {}, threads, advance);
  });
  description.cells[5] = range_text(found, *info.element);
  description.labels = found.labels;
  description.found = std::move(found);
  return description;
}

}  // namespace lucid
