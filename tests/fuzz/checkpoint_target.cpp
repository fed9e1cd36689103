#include "fuzz/fuzz.h"
#include "store/checkpoint.h"
#include "tensor/engine.h"
#include "train/config/resume.h"

namespace {

using namespace lucid;

constexpr std::int64_t kMostParameters = 100'000;  // of networks that are restored

std::int64_t parameter_count(const Graph& graph) {
  std::int64_t count = 0;
  for (const Node& node : graph.nodes())
    for (const ParameterSpec& parameter : graph.parameters(node))
      count += parameter.shape.elements();
  return count;
}

void restore(const CheckpointFile& checkpoint) {
  static Engine engine;
  RunConfig config = read_resumed_config(checkpoint, "", {});
  if (parameter_count(config.graph) > kMostParameters) return;
  Model model(std::move(config.graph), engine, config.seed);
  checkpoint.load_parameters(model);
}

}  // namespace

// Opens a checkpoint and restores its network, as lucid-infer and --resume do.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto path = fuzz::write_file("checkpoint.h5", fuzz::text_of(data, size));
  fuzz::may_refuse([&] { restore(CheckpointFile(path)); });
  return 0;
}
