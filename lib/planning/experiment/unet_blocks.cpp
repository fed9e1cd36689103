#include "planning/experiment/unet_blocks.h"

#include <nlohmann/json.hpp>

namespace lucid {
namespace {

Json convolution() {
  return {{"type", "Conv3D"},
          {"out_channels", "$out_channels"},
          {"kernel_size", "$kernel_size"},
          {"padding", "$padding"}};
}

Json strided() {
  Json layer = convolution();
  layer["stride"] = "$stride";
  return layer;
}

Json norm(NormKind kind) {
  if (kind == NormKind::kBatch) return {{"type", "BatchNorm3D"}};
  return {{"type", "InstanceNorm3D"}, {"affine", true}};
}

Json named(const char* name, const Json& layer) {
  Json made{{"type", layer["type"]}, {"name", name}};
  made.update(layer);
  return made;
}

Json parameters() { return {{"out_channels", nullptr}, {"kernel_size", 3}, {"padding", 1}}; }

}  // namespace

Json convolution_block(NormKind kind) {
  Json all = parameters();
  all["stride"] = 1;
  return {{"parameters", all}, {"layers", {strided(), norm(kind), {{"type", "LeakyReLU"}}}}};
}

const char* block_name(Skip skip) {
  if (skip == Skip::kIdentity) return "residual";
  return skip == Skip::kPooled ? "residual_pool" : "residual_down";
}

Json residual_block(Skip skip, NormKind kind) {
  const bool is_strided = skip != Skip::kIdentity;
  Json all = parameters();
  if (is_strided) all["stride"] = 2;
  Json layers{named("conv1", is_strided ? strided() : convolution()),
              named("norm1", norm(kind)),
              {{"type", "LeakyReLU"}},
              named("conv2", convolution()),
              named("norm2", norm(kind))};
  layers.back()["init"] = 0;
  std::string added = "input";
  if (is_strided) {
    added = "pool";
    layers.push_back(
        {{"type", "AvgPool3D"}, {"name", added}, {"inputs", "input"}, {"kernel_size", "$stride"}});
  }
  if (skip == Skip::kProjected) {
    layers.push_back({{"type", "Conv3D"},
                      {"name", "conv3"},
                      {"out_channels", "$out_channels"},
                      {"kernel_size", 1},
                      {"bias", false}});
    added = "norm3";
    layers.push_back(named("norm3", norm(kind)));
  }
  layers.push_back({{"type", "Add"}, {"inputs", {"norm2", added}}});
  layers.push_back({{"type", "LeakyReLU"}});
  return {{"parameters", all}, {"layers", layers}};
}

}  // namespace lucid
