#include "planning/experiment/unet_model.h"

#include <nlohmann/json.hpp>

#include "planning/experiment/unet_blocks.h"

namespace lucid {
namespace {

// [3, 3, 3] as 3.
Json triple_json(const Triple& triple) {
  if (triple[0] == triple[1] && triple[1] == triple[2]) return triple[0];
  return triple;
}

constexpr Triple kNoStride{1, 1, 1};

class ModelWriter {
 public:
  ModelWriter(const Unet& unet, NormKind norm) : unet_(unet), norm_(norm) {}

  UnetModel write(bool supervises_deeply) {
    const Topology& topology = unet_.topology;
    made_.model["blocks"]["convolution"] = convolution_block(norm_);
    if (unet_.is_residual())
      residual_encoder();
    else
      plain_encoder();
    decoder(supervises_deeply);
    made_.model["input"] = {{"channels", unet_.channels}, {"size", triple_json(topology.patch)}};
    made_.model["layers"] = layers_;
    if (made_.heads.size() > 1) made_.model["outputs"] = made_.heads;
    return std::move(made_);
  }

 private:
  // A block that begins with the stride.
  Json block(const char* type, const std::string& name, std::size_t stage,
             const Triple& stride) const {
    const Triple& kernel = unet_.topology.kernels[stage];
    Json layer{{"type", type}, {"name", name}, {"out_channels", unet_.features[stage]}};
    if (kernel != Triple{3, 3, 3}) {
      layer["kernel_size"] = kernel;
      layer["padding"] = Triple{kernel[0] / 2, kernel[1] / 2, kernel[2] / 2};
    }
    if (stride != kNoStride) layer["stride"] = triple_json(stride);
    return layer;
  }

  static std::string numbered(const std::string& what, std::size_t stage) {
    return what + std::to_string(stage + 1);
  }

  static std::string lettered(const std::string& side, std::size_t stage, std::int64_t at) {
    return numbered(side, stage) + static_cast<char>('a' + at);
  }

  // Adds the convolutions of a stage and returns the name of the last.
  std::string stage(const std::string& side, std::size_t stage, const Triple& stride) {
    std::string name;
    for (std::int64_t i = 0; i < unet_.convolutions; ++i) {
      name = lettered(side, stage, i);
      layers_.push_back(block("convolution", name, stage, i == 0 ? stride : kNoStride));
    }
    return name;
  }

  void plain_encoder() {
    for (std::size_t s = 0; s < unet_.stages(); ++s)
      skips_.push_back(stage("encoder", s, unet_.topology.strides[s]));
  }

  void residual_encoder() {
    layers_.push_back(block("convolution", "stem", 0, kNoStride));
    for (std::size_t s = 0; s < unet_.stages(); ++s) {
      for (std::int64_t i = 0; i < unet_.blocks[s]; ++i) {
        const Skip skip = i == 0 ? first_skip(s) : Skip::kIdentity;
        made_.model["blocks"][block_name(skip)] = residual_block(skip, norm_);
        layers_.push_back(block(block_name(skip), lettered("encoder", s, i), s,
                                i == 0 ? unet_.topology.strides[s] : kNoStride));
      }
      skips_.push_back(lettered("encoder", s, unet_.blocks[s] - 1));
    }
  }

  // Of the first block of a stage: each but the first stage has a stride.
  Skip first_skip(std::size_t stage) const {
    if (stage == 0) return Skip::kIdentity;
    return unet_.features[stage] == unet_.features[stage - 1] ? Skip::kPooled : Skip::kProjected;
  }

  void decoder(bool supervises_deeply) {
    std::string below = skips_.back();
    for (std::size_t s = unet_.stages() - 1; s-- > 0;) {
      const Json stride = triple_json(unet_.topology.strides[s + 1]);
      const std::string up = numbered("up", s);
      layers_.push_back({{"type", "ConvTranspose3D"},
                         {"name", up},
                         {"inputs", below},
                         {"out_channels", unet_.features[s]},
                         {"kernel_size", stride},
                         {"stride", stride}});
      layers_.push_back({{"type", "Concat"}, {"inputs", {up, skips_[s]}}});
      below = stage("decoder", s, kNoStride);
      const bool is_coarsest = s + 2 == unet_.stages();
      if (s == 0 || (supervises_deeply && !is_coarsest)) head(below, s);
    }
  }

  void head(const std::string& below, std::size_t stage) {
    const std::string name = stage == 0 ? "classes" : numbered("classes", stage);
    layers_.push_back({{"type", "Conv3D"},
                       {"name", name},
                       {"inputs", below},
                       {"out_channels", unet_.classes},
                       {"kernel_size", 1}});
    made_.heads.insert(made_.heads.begin(), name);
  }

  const Unet& unet_;
  const NormKind norm_;
  Json layers_ = Json::array();
  std::vector<std::string> skips_;
  UnetModel made_;
};

}  // namespace

UnetModel unet_model(const Unet& unet, bool supervises_deeply, NormKind norm) {
  return ModelWriter(unet, norm).write(supervises_deeply);
}

}  // namespace lucid
