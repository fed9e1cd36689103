#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/json.h"
#include "planning/rules/unet.h"

namespace lucid {

// What the stages of a U-Net's JSON are called and how it is trained.
struct UnetModel {
  Json model;                        // the "model" section
  std::vector<std::string> heads{};  // names of its outputs, the full resolution first
};

enum class NormKind { kInstance, kBatch };

// Writes a U-Net as the "model" section: norms, LeakyReLU and, with deep supervision, a head on
// each stage of the decoder but the coarsest one. The blocks of a stage are called "encoder2a",
// "encoder2b", ..
UnetModel unet_model(const Unet& unet, bool supervises_deeply, NormKind norm = NormKind::kInstance);

}  // namespace lucid
