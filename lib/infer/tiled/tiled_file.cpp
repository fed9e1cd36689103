#include "infer/tiled/tiled_file.h"

#include "base/file.h"

namespace lucid {
PredictionSource source_of(const VolumeStacks& stacks) {
  PredictionSource source{{{stacks.first().file(), stacks.first().dataset()}}, {}, true};
  for (std::size_t i = 1; i < stacks.inputs.size(); ++i)
    source.other_datasets.push_back(stacks.inputs[i]->dataset());
  return source;
}

namespace {

bool have_equal_content(const std::filesystem::path& a, const std::filesystem::path& b) {
  const auto sum = checksum_of(a);
  return sum && sum == checksum_of(b);
}

// Writes the samples of one dataset; the first of `runs` is its first.
void write_volume(hdf5::Writer& writer, const std::string& path, const VolumeStacks& stacks,
                  std::span<const TiledVolume> runs, std::size_t first, const SlabFiles& slabs) {
  for (std::size_t sample = 0; sample < stacks.samples(); ++sample) {
    const TiledVolume& run = runs[first + sample];
    const SlabSchedule& schedule = run.schedule;
    for (std::size_t depth = 0; depth < schedule.depths(); ++depth)
      if (schedule.begin(depth) < schedule.end(depth))
        run.output.copy(slabs.read({first + sample, depth}), schedule.begin(depth),
                        schedule.end(depth), static_cast<std::int64_t>(sample), writer, path);
  }
}

}  // namespace

void write_predictions(const InferOptions& options, const TileVolumes& volumes,
                       std::span<const TiledVolume> runs, const OutputFormat& format,
                       const SlabFiles& slabs) {
  const OutputFile output = options.output_file();
  const bool is_there = !output.may_overwrite && kind_of(output.path) == FileKind::kFile;
  UnfinishedFile unfinished({output.path, output.may_overwrite || is_there});
  hdf5::Writer writer(unfinished.path(), options.output);
  std::size_t first = 0;
  for (std::size_t i = 0; i < volumes.stacks.size(); ++i) {
    const VolumeStacks& stacks = volumes.stacks[i];
    const std::string& path = volumes.names[i];
    runs[first].output.create(writer, path, static_cast<std::int64_t>(stacks.samples()));
    describe_predictions(writer, path, options, source_of(stacks), format);
    write_volume(writer, path, stacks, runs, first, slabs);
    first += stacks.samples();
  }
  writer.close();
  if (is_there && !have_equal_content(unfinished.path(), output.path))
    throw Error(ExitCode::kUsage, output.path.string() + ": exists; --overwrite replaces it");
  unfinished.put_in_place();
}

void list_predictions(const TileVolumes& volumes, std::span<const TiledVolume> runs,
                      InferResult& result) {
  std::size_t first = 0;
  for (std::size_t i = 0; i < volumes.stacks.size(); first += volumes.stacks[i++].samples()) {
    const Shape shape =
        runs[first].output.shape(static_cast<std::int64_t>(volumes.stacks[i].samples()));
    if (volumes.names.size() == 1) result.predictions = shape;
    result.volumes.emplace_back(volumes.names[i], shape);
  }
}

}  // namespace lucid
