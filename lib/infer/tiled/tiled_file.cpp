#include "infer/tiled/tiled_file.h"

#include "base/file.h"
#include "formats/writers/unfinished_store.h"
#include "infer/tiled/slab_planes.h"
#include "infer/volume/volume_input.h"
#include "infer/volume/volume_output.h"

namespace lucid {
PredictionSource source_of(const VolumeStacks& stacks) {
  const bool is_dataset = stacks.first().source() == nullptr;
  PredictionSource source{{{stacks.first().file(), stacks.first().dataset()}}, {}, is_dataset};
  for (std::size_t i = 1; i < stacks.inputs.size(); ++i)
    source.other_datasets.push_back(stacks.inputs[i]->dataset());
  return source;
}

namespace {

bool have_equal_content(const std::filesystem::path& a, const std::filesystem::path& b) {
  if (kind_of(a) == FileKind::kFolder) return have_equal_files(a, b);
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

// The geometry of a prediction; none if its volume has none.
std::optional<Geometry> output_geometry(const TiledVolume& run) {
  const auto geometry = geometry_of(run.stacks->first());
  if (!geometry || run.output.extents() == extents_of(*run.stacks)) return geometry;
  return regridded(*geometry, run.voxels->stored_region(), run.output.extents());
}

// Describes predictions of a volume in another format as those of what lucid-data import makes. The
// others have the attributes of their volumes, which tell of other voxels if these are kept.
void describe_grid(hdf5::Writer& writer, const std::string& path, const TiledVolume& run,
                   const OutputFormat& format) {
  const VolumeStacks& stacks = *run.stacks;
  const bool is_described = stacks.first().source() == nullptr;
  if (is_described && run.output.extents() == extents_of(stacks)) return;
  if (!is_described) {
    const bool are_labels = format.activation() == Activation::kArgmax;
    writer.set_attribute(path, "axes", std::string(are_labels ? "ndhw" : "ncdhw"));
    writer.set_attribute(path, "source", stacks.first().file().filename().string());
  }
  if (const auto geometry = output_geometry(run)) write_geometry(writer, path, *geometry);
}

void write_datasets(const std::filesystem::path& file, const InferOptions& options,
                    const TileVolumes& volumes, std::span<const TiledVolume> runs,
                    const OutputFormat& format, const SlabFiles& slabs) {
  hdf5::Writer writer(file, options.output);
  std::size_t first = 0;
  for (std::size_t i = 0; i < volumes.stacks.size(); ++i) {
    const VolumeStacks& stacks = volumes.stacks[i];
    const std::string& path = volumes.names[i];
    runs[first].output.create(writer, path, static_cast<std::int64_t>(stacks.samples()));
    describe_predictions(writer, path, options, source_of(stacks), format);
    describe_grid(writer, path, runs[first], format);
    write_volume(writer, path, stacks, runs, first, slabs);
    first += stacks.samples();
  }
  writer.close();
}

// The only volume of the run, as a volume file.
void write_image(const std::filesystem::path& file, const InferOptions& options,
                 const TiledVolume& run, const OutputFormat& format, const SlabFiles& slabs) {
  const Shape shape = run.output.shape(1);
  const bool are_labels = format.activation() == Activation::kArgmax;
  const Geometry geometry = output_geometry(run).value_or(plain_geometry({1, 1, 1}));
  const Triple extents = run.output.extents();
  SlabPlanes planes(run, 0, slabs);
  const auto fill = [&](std::int64_t begin, std::span<std::byte> out) {
    const std::size_t plane_bytes =
        static_cast<std::size_t>(extents[1] * extents[2]) * format.element_bytes();
    for (std::int64_t at = begin / (extents[1] * extents[2]); !out.empty(); ++at) {
      planes.read(at / extents[0], at % extents[0], out.first(plane_bytes));
      out = out.subspan(plane_bytes);
    }
  };
  write_volume_image(file, options.output, {extents, are_labels ? 0 : shape[1], geometry}, format,
                     fill);
}

}  // namespace

void write_predictions(const InferOptions& options, const TileVolumes& volumes,
                       std::span<const TiledVolume> runs, const OutputFormat& format,
                       const SlabFiles& slabs) {
  OutputFile output = options.output_file();
  const bool is_there = !output.may_overwrite && kind_of(output.path) != FileKind::kMissing;
  output.may_overwrite = output.may_overwrite || is_there;
  const auto put_in_place = [&](auto& unfinished) {
    if (is_there && !have_equal_content(unfinished.path(), output.path))
      throw Error(ExitCode::kUsage, output.path.string() + ": exists; --overwrite replaces it");
    unfinished.put_in_place();
  };
  if (is_zarr_output(output.path)) {
    UnfinishedStore unfinished(output);
    write_image(unfinished.path(), options, runs.front(), format, slabs);
    return put_in_place(unfinished);
  }
  UnfinishedFile unfinished(output);
  if (is_volume_output(output.path))
    write_image(unfinished.path(), options, runs.front(), format, slabs);
  else
    write_datasets(unfinished.path(), options, volumes, runs, format, slabs);
  put_in_place(unfinished);
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
