#include "infer/predict/members.h"

#include <doctest/doctest.h>

#include "store/checkpoint.h"
#include "support/experiment.h"
#include "support/from_text.h"

// What networks of an ensemble have to agree in.
namespace lucid {
namespace {

// A checkpoint, and one whose config has other values at these pointers.
struct TwoNetworks {
  explicit TwoNetworks(const std::string& changes, const std::string& data = "{}") {
    experiment.json["model"]["layers"] = parse_json(
        R"([{"type": "Conv3D", "out_channels": 3, "kernel_size": 3, "padding": 1}])", "layers");
    experiment.json["data"] = {
        {"train", {{"files", "train.h5"}, {"input", "volumes"}, {"target", "voxels"}}},
        {"normalize", {{"mean", 1}, {"std", 2}}}};
    experiment.json["data"].update(parse_json(data, "data"));
    experiment.json["train"] = {{"epochs", 0}};
    experiment.train("a");
    Json config = CheckpointFile(experiment.last("a")).config();
    const Json wanted = parse_json(changes, "changes");
    for (const auto& [pointer, value] : wanted.items()) config[Json::json_pointer(pointer)] = value;
    Engine engine(1);
    Model model(read_trained_config(experiment.last("a")).graph, engine, 0);
    save_checkpoint(experiment / "b.h5", model, config, {});
    options.checkpoints = {experiment.last("a"), experiment / "b.h5"};
  }

  std::string error() const {
    const std::string text =
        test::from_inside(experiment.folder.path(), test::error_of([&] { read_members(options); }));
    const std::string begin = "3: b.h5: config: ";
    return text.starts_with(begin) ? text.substr(begin.size()) : text;
  }

  test::Experiment experiment;
  InferOptions options;
};

std::string error_of(const std::string& changes) { return TwoNetworks(changes).error(); }

const std::string kAs = " as in a/checkpoints/last.h5, found ";
const std::string kAdvice = "; predict with networks of one experiment, or one after the other";

}  // namespace

TEST_CASE("networks that agree in what is read once may differ in all else") {
  CHECK(error_of(R"({"/seed": 9, "/name": "other", "/optimizer/lr": 1, "/data/batch_size": 3,
                     "/model/layers": [{"type": "Conv3D", "out_channels": 3, "kernel_size": 1}],
                     "/loss": {"type": "DiceCELoss"}, "/data/train/files": ["other.h5"]})") == "");
}

TEST_CASE("networks of another input or output are refused by their place") {
  CHECK(error_of(R"({"/model/input/channels": 2, "/data/train/input": ["volumes", "voxels"],
                     "/model/layers/0/in_channels": 2})") ==
        "/model/input/channels: expected 1" + kAs + "2" + kAdvice);
  CHECK(error_of(R"({"/model/input/size": [6, 6, 4]})") ==
        "/model/input/size: expected [6,6,6]" + kAs +
            "[6,6,4]; give a size for all with --patch, if they predict voxels");
  CHECK(error_of(R"({"/model/layers/0/out_channels": 4})") ==
        "/model: expected '3 channels of the input's voxels'" + kAs +
            "'4 channels of the input's voxels'" + kAdvice);
  CHECK(error_of(R"({"/model/layers": [{"type": "Linear", "out_features": 3}]})") ==
        "/model: expected '3 channels of the input's voxels'" + kAs + "'3'" + kAdvice);
  CHECK(error_of(R"({"/loss": {"type": "MSELoss"}, "/metrics": []})") ==
        "/loss: expected 'classes'" + kAs + "'values'" + kAdvice);
  CHECK(error_of(R"({"/loss": {"type": "BCEWithLogitsLoss"}})") ==
        "/loss: expected 'classes'" + kAs + "'binary channels'" + kAdvice);
  CHECK(error_of(R"({"/model/layers/1": {"type": "Softmax"}})") == "");
}

TEST_CASE("networks that saw other numbers or voxels are refused by their place") {
  CHECK(error_of(R"({"/data/normalize/mean": 1.5})") ==
        "/data/normalize: expected {\"mean\":1.0,\"std\":2.0}" + kAs +
            "{\"mean\":1.5,\"std\":2.0}; folds that are trained together share it; or give all "
            "networks the same numbers");
  CHECK(error_of(R"({"/data/normalize": {"type": "zscore", "per": "volume"}})")
            .starts_with("/data/normalize: expected {\"mean\":1.0,\"std\":2.0}" + kAs +
                         "'zscore 0 100 of each volume'"));
  CHECK(error_of(R"({"/data/spacing": [1, 2, 3], "/data/patch": {}})") ==
        "/data/spacing: expected null" + kAs + "[1.0,2.0,3.0]" + kAdvice);
  CHECK(error_of(R"({"/data/crop": "nonzero", "/data/patch": {}})") ==
        "/data/crop: expected null" + kAs + "'nonzero'" + kAdvice);
  CHECK(error_of(R"({"/data/patch": {}})") ==
        "/data/patch/padding_mode: expected 'reflect'" + kAs + "'constant'" + kAdvice);
  CHECK(error_of(R"({"/data/patch": {"padding_mode": "reflect"}})") == "");
}

TEST_CASE("networks of other datasets are refused unless the options name them") {
  TwoNetworks f(R"({"/data/train/input": "images", "/data/train/axes": "dhw",
                    "/data/train/mask": "valid"})",
                R"({"patch": {}})");
  CHECK(f.error() == "/data/train/input: expected 'volumes'" + kAs + "'images'; give --dataset");
  f.options.dataset = "volumes";
  CHECK(f.error() == "/data/train/axes: expected ''" + kAs + "'dhw'; give --axes");
  f.options.axes = "ndhw";
  CHECK(f.error() == "");
  f.options.target = "voxels";
  CHECK(f.error() == "/data/train/mask: expected ''" + kAs + "'valid'; give --mask");
  f.options.mask = "valid";
  CHECK(f.error() == "");
}

TEST_CASE("an ensemble was mirrored along the axes that all of its networks know") {
  const auto flips = [](const std::string& axes) {
    return R"({"/data/augmentation": [{"type": "RandomFlip", "axes": ")" + axes + "\"}]}";
  };
  TwoNetworks f(flips("dh"));
  CHECK(read_members(f.options).mirrored == std::array<bool, 3>{false, false, false});
  const auto b = f.options.checkpoints[1];
  TwoNetworks other(flips("hw"));
  f.options.checkpoints = {b, other.options.checkpoints[1]};
  CHECK(read_members(f.options).mirrored == std::array<bool, 3>{false, true, false});
}

}  // namespace lucid
