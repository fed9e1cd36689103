#include "planning/experiment/unet_model.h"

#include <nlohmann/json.hpp>

namespace lucid {
namespace {

// [3, 3, 3] as 3.
Json triple_json(const Triple& triple) {
  if (triple[0] == triple[1] && triple[1] == triple[2]) return triple[0];
  return triple;
}

Json convolution_block() {
  return {{"parameters",
           {{"out_channels", nullptr}, {"kernel_size", 3}, {"padding", 1}, {"stride", 1}}},
          {"layers", Json::array({{{"type", "Conv3D"},
                                   {"out_channels", "$out_channels"},
                                   {"kernel_size", "$kernel_size"},
                                   {"padding", "$padding"},
                                   {"stride", "$stride"}},
                                  {{"type", "InstanceNorm3D"}, {"affine", true}},
                                  {{"type", "LeakyReLU"}}})}};
}

class ModelWriter {
 public:
  explicit ModelWriter(const Unet& unet) : unet_(unet) {}

  UnetModel write(bool supervises_deeply) {
    const Topology& topology = unet_.topology;
    encoder();
    decoder(supervises_deeply);
    made_.model["input"] = {{"channels", unet_.channels}, {"size", triple_json(topology.patch)}};
    made_.model["blocks"] = {{"convolution", convolution_block()}};
    made_.model["layers"] = layers_;
    if (made_.heads.size() > 1) made_.model["outputs"] = made_.heads;
    return std::move(made_);
  }

 private:
  Json convolution(const std::string& name, std::size_t stage, const Triple& stride) const {
    const Triple& kernel = unet_.topology.kernels[stage];
    Json layer{{"type", "convolution"}, {"name", name}, {"out_channels", unet_.features[stage]}};
    if (kernel != Triple{3, 3, 3}) {
      layer["kernel_size"] = kernel;
      layer["padding"] = Triple{kernel[0] / 2, kernel[1] / 2, kernel[2] / 2};
    }
    if (stride != Triple{1, 1, 1}) layer["stride"] = triple_json(stride);
    return layer;
  }

  static std::string numbered(const std::string& what, std::size_t stage) {
    return what + std::to_string(stage + 1);
  }

  // Adds the convolutions of a stage and returns the name of the last.
  std::string stage(const std::string& side, std::size_t stage, const Triple& stride) {
    std::string name;
    for (std::int64_t i = 0; i < unet_.convolutions; ++i) {
      name = numbered(side, stage) + static_cast<char>('a' + i);
      layers_.push_back(convolution(name, stage, i == 0 ? stride : Triple{1, 1, 1}));
    }
    return name;
  }

  void encoder() {
    for (std::size_t s = 0; s < unet_.stages(); ++s)
      skips_.push_back(stage("encoder", s, unet_.topology.strides[s]));
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
      below = stage("decoder", s, {1, 1, 1});
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
  Json layers_ = Json::array();
  std::vector<std::string> skips_;
  UnetModel made_;
};

}  // namespace

UnetModel unet_model(const Unet& unet, bool supervises_deeply) {
  return ModelWriter(unet).write(supervises_deeply);
}

}  // namespace lucid
