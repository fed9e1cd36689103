#include <doctest/doctest.h>

#include "graph/parse.h"
#include "support/allocations.h"
#include "support/experiment.h"
#include "support/from_text.h"
#include "train/step/train_step.h"

namespace lucid::test {
namespace {

constexpr int kStepsBefore = 2, kSteps = 3;

// A U-Net of two levels with skips, norms and both kinds of upsampling, and wide enough for every
// kind of convolution.
const std::string kUNet = R"({
  "input": {"channels": 1, "size": [16, 16, 16]},
  "layers": [
    {"type": "Conv3D", "out_channels": 16, "kernel_size": 3, "padding": 1, "inputs": ["input"]},
    {"type": "BatchNorm3D"}, {"type": "ReLU"},
    {"type": "Conv3D", "out_channels": 16, "kernel_size": 3, "padding": 1},
    {"type": "InstanceNorm3D"}, {"type": "LeakyReLU", "name": "skip"},
    {"type": "MaxPool3D", "kernel_size": 2},
    {"type": "Conv3D", "out_channels": 32, "kernel_size": 3, "padding": 1},
    {"type": "ReLU"}, {"type": "Dropout", "p": 0.2},
    {"type": "ConvTranspose3D", "name": "up", "out_channels": 16, "kernel_size": 2, "stride": 2},
    {"type": "Concat", "inputs": ["skip", "up"]},
    {"type": "Conv3D", "out_channels": 16, "kernel_size": 3, "padding": 1},
    {"type": "ReLU"},
    {"type": "Conv3D", "name": "classes", "out_channels": 3, "kernel_size": 1}
  ]})";

Json unet_config(const std::string& optimizer, const std::string& loss) {
  Experiment experiment;
  Json json = experiment.json;
  json["model"] = parse_json(kUNet, "model");
  json["loss"] = {{"type", loss}};
  json["optimizer"] = {{"type", optimizer}, {"lr", 0.01}};
  json["data"]["batch_size"] = 2;
  for (const char* set : {"train", "validation"}) json["data"][set]["target"] = "voxels";
  return json;
}

Batch batch_of(Session& session) {
  Loader loader(session.train_set(), {.batch_size = 2}, session.normalization());
  loader.start(0);
  return *loader.next();
}

}  // namespace

TEST_CASE("what a primitive, a memory and a buffer allocate is counted") {
  if (!kCountsAllocations) return;
  Engine engine;
  const Layout plain = onednn::plain_layout(Shape{2, 3});
  const AllocationCount count;
  const std::size_t of_nothing = count.found();
  const dnnl::memory memory(plain, engine.device(), nullptr);
  const std::size_t of_memory = count.found();
  const dnnl::reorder::primitive_desc descriptor(engine.device(), plain, engine.device(), plain);
  const dnnl::reorder reorder(descriptor);
  const std::size_t of_both = count.found();
  CHECK(of_nothing == 0);
  CHECK(of_memory > 0);
  CHECK(of_both > of_memory);
}

TEST_CASE("training steps make nothing and allocate nothing") {
  if (!kCountsAllocations) return;
  struct Row {
    const char *optimizer, *loss;
  };
  for (const Row& row : {Row{"Adam", "CrossEntropyLoss"}, Row{"SGD", "FocalLoss"}}) {
    CAPTURE(std::string(row.loss));
    Experiment experiment;
    write_set(experiment / "train.h5", {.volume = {1, 16, 16, 16}, .count = 4});
    write_set(experiment / "validation.h5", {.volume = {1, 16, 16, 16}, .count = 2});
    experiment.json = unet_config(row.optimizer, row.loss);
    experiment.json["train"]["gradient_clip"] = 1;
    Session session(experiment.config(), 2);
    session.resolve_auto();
    RunConfig& config = session.config();
    session.training_plan(2);  // decides the layouts of parameters
    config.optimizer->prepare(session.engine(), session.model().parameters());
    const StepRates rates = config.optimizer->constant_rates(0.01);
    std::optional<Ema> ema;
    TrainStep step(session, ema, alone());
    const Batch batch = batch_of(session);
    const Batch* const batches[] = {&batch, &batch};
    const auto run = [&](std::uint64_t draw) {
      step.begin(batches, {1, draw});
      for (int part = 0; part < 2; ++part) step.add(batch, {1, draw});
      step.finish(rates);
    };
    for (int i = 0; i < kStepsBefore; ++i) run(static_cast<std::uint64_t>(i));
    const AllocationCount count;
    for (int i = 0; i < kSteps; ++i) run(static_cast<std::uint64_t>(kStepsBefore + i));
    const std::size_t found = count.found();
    INFO(count.first());
    CHECK(found == 0);
  }
}

TEST_CASE("inference makes nothing and allocates nothing, also when parameters changed") {
  if (!kCountsAllocations) return;
  Engine engine(2);
  Model model(from_json(parse_json(kUNet, "model"), "/model", read_graph), engine, 1);
  Plan& plan = model.plan(Mode::kInfer, 2);
  for (int i = 0; i < kStepsBefore; ++i) plan.forward();
  const AllocationCount count;
  for (int i = 0; i < kSteps; ++i) {
    model.parameters().touch();
    plan.forward();
  }
  const std::size_t found = count.found();
  INFO(count.first());
  CHECK(found == 0);
}

}  // namespace lucid::test
