#include "data/describe.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text.h"

namespace lucid {
namespace {

constexpr std::int64_t kPieceElements = std::int64_t{4} << 20;

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  std::int64_t not_finite = 0;

  void add(const std::vector<double>& values) {
    for (const double value : values) {
      if (!std::isfinite(value)) {
        ++not_finite;
        continue;
      }
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  std::string text(ElementType type) const {
    const auto shortest = [type](double value) {
      return type == ElementType::kFloat32 ? number_text(static_cast<float>(value))
                                           : number_text(value);
    };
    std::string text = low > high ? "-" : shortest(low) + " .. " + shortest(high);
    if (not_finite > 0) text += ", " + with_thousands(not_finite) + " NaN or infinite";
    return text;
  }
};

// Splits the region along its first axis that has more than one element until pieces are small.
void read_pieces(const hdf5::Array& array, const hdf5::Region& region, Range& range) {
  const Shape shape(region.count);
  if (shape.elements() <= kPieceElements) return range.add(array.read<double>(region));
  std::size_t axis = 0;
  while (shape[axis] == 1) ++axis;
  const std::int64_t row = shape.elements() / shape[axis];
  const std::int64_t step = std::max<std::int64_t>(1, kPieceElements / row);
  for (std::int64_t at = 0; at < shape[axis]; at += step) {
    hdf5::Region piece = region;
    piece.start[axis] += at;
    piece.count[axis] = std::min(step, shape[axis] - at);
    read_pieces(array, piece, range);
  }
}

std::string range_text(const hdf5::Array& array) {
  const hdf5::ArrayInfo& info = array.info();
  const bool has_zero = std::count(info.extents.begin(), info.extents.end(), 0) > 0;
  if (info.is_null || has_zero || !info.element) return "-";
  const Shape shape = array.shape();
  Range range;
  read_pieces(array, {std::vector<std::int64_t>(shape.rank(), 0), shape.extents()}, range);
  return range.text(*info.element);
}

std::string shape_text(const hdf5::ArrayInfo& info) {
  if (info.is_null) return "empty";
  if (info.extents.empty()) return "scalar";
  std::vector<std::string> extents;
  for (const std::int64_t extent : info.extents) extents.push_back(std::to_string(extent));
  return join(extents, "x");
}

}  // namespace

std::vector<std::string> describe_dataset(const hdf5::File& file, const std::string& dataset) {
  const hdf5::Array array = file.open(dataset);
  const hdf5::ArrayInfo& info = array.info();
  return {"/" + dataset, shape_text(info), info.type, info.storage, range_text(array)};
}

}  // namespace lucid
