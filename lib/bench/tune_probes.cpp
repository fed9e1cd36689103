#include "bench/tune_probes.h"

#include <array>
#include <nlohmann/json.hpp>

namespace lucid {
namespace {

constexpr std::array<std::int64_t, 7> kChannels = {4, 8, 12, 16, 24, 32, 48};
constexpr std::array<std::int64_t, 9> kEdges = {4, 6, 8, 9, 10, 11, 12, 14, 16};
constexpr std::array<std::int64_t, 12> kRows = {7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 48, 64};
constexpr std::array<std::int64_t, 8> kLongRows = {8, 16, 20, 24, 28, 32, 48, 64};

std::int64_t itself(std::int64_t value) { return value; }
std::int64_t sixteen(std::int64_t) { return 16; }
std::int64_t thirty_two(std::int64_t) { return 32; }
std::int64_t sixty_four(std::int64_t) { return 64; }
std::int64_t one(std::int64_t) { return 1; }
Triple of_32(std::int64_t) { return {32, 32, 32}; }
Triple cube(std::int64_t edge) { return {edge, edge, edge}; }
Triple of_rows(std::int64_t row) { return {16, 16, row}; }
// Beyond the caches from rows of 16 voxels on.
Triple in_large_planes(std::int64_t row) { return {160, 160, row}; }

constexpr Pass kForward = Pass::kForward, kGradient = Pass::kWeightGradient;

}  // namespace

const std::vector<TuneProbe>& tune_probes() {
  static const std::vector<TuneProbe> all = {
      {"winograd_channels", "winograd", kForward, kChannels, itself, itself, of_32},
      {"winograd_gradient_inputs", "winograd", kGradient, kChannels, itself, thirty_two, of_32},
      {"winograd_voxels", "winograd", kForward, kEdges, sixty_four, sixty_four, cube, true, false,
       true},
      {"blocked_gradient_row", "blocked_gradient", kGradient, kRows, thirty_two, thirty_two,
       of_rows, true, true},
      {"small_channel_row", "small_channel", kGradient, kRows, one, sixteen, of_rows, false, true},
      {"first_layer_row", "first_layer", kForward, kLongRows, one, sixteen, in_large_planes, false},
      {"first_layer_gradient_row", "first_layer", kGradient, kLongRows, one, sixteen,
       in_large_planes, false}};
  return all;
}

Json TuneProbe::model(std::int64_t value) const {
  const std::int64_t inputs = inputs_of(value);
  const Triple size = size_of(value);
  Json layers = Json::array();
  if (reads_blocks)
    layers.push_back({{"type", "Conv3D"},
                      {"name", "before"},
                      {"out_channels", inputs},
                      {"kernel_size", 1},
                      {"groups", inputs}});
  layers.push_back({{"type", "Conv3D"},
                    {"name", "layer"},
                    {"out_channels", outputs_of(value)},
                    {"kernel_size", 3},
                    {"padding", 1}});
  return {{"input", {{"channels", inputs}, {"size", {size[0], size[1], size[2]}}}},
          {"layers", layers}};
}

}  // namespace lucid
