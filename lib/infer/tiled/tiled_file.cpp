#include "infer/tiled/tiled_file.h"

#include "base/text.h"

namespace lucid {
namespace {

void describe(const InferOptions& options, const VolumeStacks& stacks, const OutputFormat& format,
              hdf5::Writer& writer, const std::string& path) {
  const Stack& input = stacks.first();
  writer.copy_attributes(hdf5::File(input.file()).open(input.dataset()), path);
  std::vector<std::string> datasets;
  for (const auto& stack : stacks.inputs) datasets.push_back(stack->dataset());
  writer.set_attribute(path, "input_files", input.file().string());
  writer.set_attribute(path, "input_datasets", join(datasets, "\n"));
  writer.set_attribute(path, "checkpoint", options.checkpoint.string());
  writer.set_attribute(path, "axes", options.activation == Activation::kArgmax ? "ndhw" : "ncdhw");
  format.describe(writer, path);
}

}  // namespace

void write_predictions(const InferOptions& options, const TileVolumes& volumes,
                       std::span<const TiledVolume> runs, const OutputFormat& format,
                       const PartialFolder& partial, InferResult& result) {
  UnfinishedFile unfinished(options.output_file());
  hdf5::Writer writer(unfinished.path(), options.output);
  std::size_t number = 0;
  for (std::size_t i = 0; i < volumes.stacks.size(); ++i) {
    const VolumeStacks& stacks = volumes.stacks[i];
    const auto samples = static_cast<std::int64_t>(stacks.samples());
    const std::string& path = volumes.names[i];
    runs[number].output.create(writer, path, samples);
    describe(options, stacks, format, writer, path);
    if (volumes.names.size() == 1) result.predictions = runs[number].output.shape(samples);
    result.volumes.emplace_back(path, runs[number].output.shape(samples));
    for (std::int64_t sample = 0; sample < samples; ++sample, ++number) {
      const SlabSchedule& schedule = runs[number].schedule;
      for (std::size_t depth = 0; depth < schedule.depths(); ++depth)
        if (schedule.begin(depth) < schedule.end(depth))
          runs[number].output.copy(partial.read({number, depth}), schedule.begin(depth),
                                   schedule.end(depth), sample, writer, path);
    }
  }
  writer.close();
  unfinished.put_in_place();
}

}  // namespace lucid
