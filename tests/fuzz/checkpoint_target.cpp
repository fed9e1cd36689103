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

// HDF5 itself waits or crashes on damaged texts of files that no checksum covers.
bool has_checksum(std::string_view file) {
  return file.size() > 9 && file[8] >= 2 && file.find("\nlucid crc32 ") != std::string_view::npos;
}

}  // namespace

// Opens a checkpoint and restores its network, as lucid-infer and --resume do.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (!has_checksum(fuzz::text_of(data, size))) return 0;
  const auto path = fuzz::write_file("checkpoint.h5", fuzz::text_of(data, size));
  fuzz::may_refuse([&] { restore(CheckpointFile(path)); });
  return 0;
}
