#include "data/volumes/voxel_size.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace lucid {
namespace {

constexpr double kMillimetres = 1e-3;  // of a micrometre

std::optional<VoxelSize> sides(const hdf5::File& file, const std::string& dataset,
                               const std::string& attribute, double unit) {
  std::vector<double> found = file.attribute_list<double>(dataset, attribute);
  if (found.empty()) return std::nullopt;
  const bool has_channels = found.size() == 4;  // ilastik gives them a size, too
  if (has_channels) found.erase(found.begin());
  const auto is_side = [](double side) { return std::isfinite(side) && side > 0; };
  if (found.size() != 3 || !std::ranges::all_of(found, is_side)) {
    std::vector<std::string> words;
    for (const double side : found) words.push_back(number_text(side));
    fail(file.path().string() + ": /" + dataset,
         "attribute '" + attribute + "': expected 3 numbers above 0, found " + join(words, " x "));
  }
  return VoxelSize{found[0] * unit, found[1] * unit, found[2] * unit};
}

}  // namespace

std::optional<VoxelSize> stored_voxel_size(const hdf5::File& file, const std::string& dataset) {
  if (const auto size = sides(file, dataset, "voxel_size_mm", 1)) return size;
  return sides(file, dataset, "element_size_um", kMillimetres);
}

std::optional<VoxelSize> voxel_size_of(const Stack& stack) {
  if (stack.source() != nullptr) return stack.source()->voxel_size();
  return stored_voxel_size(hdf5::File(stack.file()), stack.dataset());
}

std::string voxel_size_text(const VoxelSize& size) {
  std::string text;
  for (const double side : size)
    text += (text.empty() ? "" : " x ") + number_text(static_cast<float>(side));
  return text;
}

}  // namespace lucid
