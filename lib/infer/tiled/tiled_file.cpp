#include "infer/tiled/tiled_file.h"

#include "base/file.h"

namespace lucid {
PredictionSource source_of(const VolumeStacks& stacks) {
  PredictionSource source{{{stacks.first().file(), stacks.first().dataset()}}, {}, true};
  for (std::size_t i = 1; i < stacks.inputs.size(); ++i)
    source.other_datasets.push_back(stacks.inputs[i]->dataset());
  return source;
}

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
    describe_predictions(writer, path, options, source_of(stacks), format);
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
