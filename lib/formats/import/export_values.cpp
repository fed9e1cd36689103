#include "formats/import/export_values.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/text.h"

namespace lucid {
namespace {

double factor_of(const hdf5::File& file, const std::string& dataset, const std::string& name,
                 double absent) {
  const double value = file.attribute<double>(dataset, name).value_or(absent);
  if (std::isfinite(value) && (value != 0 || absent == 0)) return value;
  fail(file.path().string() + ": /" + dataset,
       "attribute '" + name + "': expected a finite number" + (absent == 0 ? "" : " other than 0") +
           ", found " + number_text(value));
}

NiftiScaling scaling_of(const hdf5::File& file, const std::string& dataset) {
  return {factor_of(file, dataset, "scale", 1) * factor_of(file, dataset, "scale_factor", 1),
          factor_of(file, dataset, "add_offset", 0)};
}

template <class T>
struct Range {
  T low = std::numeric_limits<T>::max(), high = std::numeric_limits<T>::lowest();
};

template <class T>
Range<T> range_of(const Planes& planes, const std::function<void(double share)>& progress) {
  constexpr std::int64_t kPieceElements = std::int64_t{1} << 22, kPiecePlanes = 64;
  const std::int64_t step = std::clamp<std::int64_t>(kPieceElements / planes.plane_elements(), 1,
                                                     std::min(planes.count(), kPiecePlanes));
  Range<T> range;
  std::vector<T> values;
  for (std::int64_t at = 0; at < planes.count(); at += step) {
    const std::int64_t count = std::min(step, planes.count() - at);
    values.resize(static_cast<std::size_t>(count * planes.plane_elements()));
    planes.read(at, count, std::as_writable_bytes(std::span(values)));
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    range = {std::min(range.low, *low), std::max(range.high, *high)};
    progress(static_cast<double>(at + count) / static_cast<double>(planes.count()));
  }
  return range;
}

template <class T>
void choose_type(const Planes& planes, const std::function<void(double share)>& progress,
                 ExportValues& values) {
  const Range<T> range = range_of<T>(planes, progress);
  for (const ElementType type : {ElementType::kUint8, ElementType::kInt8, ElementType::kInt16,
                                 ElementType::kUint16, ElementType::kInt32, ElementType::kUint32}) {
    const bool holds_all = with_element(type, [&](auto element) {
      using Limits = std::numeric_limits<decltype(element)>;
      if constexpr (std::is_integral_v<decltype(element)>)
        return std::cmp_greater_equal(range.low, Limits::lowest()) &&
               std::cmp_less_equal(range.high, Limits::max());
      else
        return false;
    });
    if (!holds_all) continue;
    values.type = type;
    return;
  }
  values.warning = "holds integers beyond 32 bits (" + std::to_string(range.low) + " to " +
                   std::to_string(range.high) + "), which few programs read from NIfTI";
}

}  // namespace

ExportValues export_values(const hdf5::File& file, const std::string& dataset, const Planes& planes,
                           const std::function<void(double share)>& progress) {
  ExportValues values{planes.element(), scaling_of(file, dataset), ""};
  if (values.type == ElementType::kInt64) choose_type<std::int64_t>(planes, progress, values);
  if (values.type == ElementType::kUint64) choose_type<std::uint64_t>(planes, progress, values);
  return values;
}

}  // namespace lucid
