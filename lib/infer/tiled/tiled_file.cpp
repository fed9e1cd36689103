#include "infer/tiled/tiled_file.h"

#include <omp.h>

#include <algorithm>

#include "base/file.h"
#include "data/chunks/writer.h"
#include "formats/writers/unfinished_store.h"
#include "infer/processes/content.h"
#include "infer/tiled/slab_labels.h"
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

std::optional<Geometry> output_geometry(const TiledVolume& run) {
  const auto geometry = geometry_of(run.stacks->first());
  if (!geometry || run.output.extents() == extents_of(*run.stacks)) return geometry;
  return regridded(*geometry, run.voxels->stored_region(), run.output.extents());
}

namespace {

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

// Writes the finished slabs of a run to its output.
class PredictionFile {
 public:
  PredictionFile(const InferOptions& options, const TileVolumes& volumes,
                 std::span<const TiledVolume> runs, const OutputFormat& format,
                 const SlabFiles& slabs, SlabEvaluation* evaluation)
      : options_(options),
        volumes_(volumes),
        runs_(runs),
        format_(format),
        slabs_(slabs),
        evaluation_(evaluation) {
    if (options.postprocess) counts_.emplace();
  }

  void write_datasets(const std::filesystem::path& file);
  // The only volume of the run, as a volume file.
  void write_image(const std::filesystem::path& file);

  const std::optional<PostprocessCounts>& counts() const { return counts_; }

 private:
  // A sample of a dataset that is written, and the number of its volume.
  struct Sample {
    hdf5::Writer& writer;
    const std::string& path;
    std::int64_t samples, sample;
    std::size_t number;
  };

  void copy_slabs(const Sample& to);
  void write_postprocessed(const Sample& to);

  const InferOptions& options_;
  const TileVolumes& volumes_;
  std::span<const TiledVolume> runs_;
  const OutputFormat& format_;
  const SlabFiles& slabs_;
  SlabEvaluation* evaluation_;
  std::optional<PostprocessCounts> counts_;
};

void PredictionFile::write_datasets(const std::filesystem::path& file) {
  hdf5::Writer writer(file, options_.output);
  std::size_t first = 0;
  for (std::size_t i = 0; i < volumes_.stacks.size(); ++i) {
    const VolumeStacks& stacks = volumes_.stacks[i];
    const std::string& path = volumes_.names[i];
    const auto samples = static_cast<std::int64_t>(stacks.samples());
    runs_[first].output.create(writer, path, samples);
    describe_predictions(writer, path, options_, source_of(stacks), format_);
    describe_grid(writer, path, runs_[first], format_);
    for (std::int64_t sample = 0; sample < samples; ++sample, ++first) {
      const Sample to{writer, path, samples, sample, first};
      options_.postprocess ? write_postprocessed(to) : copy_slabs(to);
    }
  }
  writer.close();
}

void PredictionFile::copy_slabs(const Sample& to) {
  const TiledVolume& run = runs_[to.number];
  const SlabSchedule& schedule = run.schedule;
  for (std::size_t depth = 0; depth < schedule.depths(); ++depth)
    if (schedule.begin(depth) < schedule.end(depth))
      run.output.copy(slabs_.read({to.number, depth}), schedule.begin(depth), schedule.end(depth),
                      to.sample, to.writer, to.path);
}

void PredictionFile::write_postprocessed(const Sample& to) {
  const SlabOutput& output = runs_[to.number].output;
  PostprocessedSlabs labels(*options_.postprocess, runs_[to.number], to.number, slabs_,
                            evaluation_);
  const Triple& extents = output.extents();
  const ChunkedOutput dataset{to.path, *format_.element(), output.shape(to.samples),
                              output.storage()};
  std::vector<std::byte> planes;
  for (std::int64_t at = 0; at < extents[0]; at += output.chunk_planes()) {
    const std::int64_t count = std::min(output.chunk_planes(), extents[0] - at);
    planes.resize(static_cast<std::size_t>(count * extents[1] * extents[2]) *
                  format_.element_bytes());
    labels.read(planes);
    write_chunks(to.writer, dataset, {{to.sample, at, 0, 0}, {1, count, extents[1], extents[2]}},
                 omp_get_max_threads(), planes, [](std::size_t, std::size_t) {});
  }
  *counts_ += labels.counts();
}

void PredictionFile::write_image(const std::filesystem::path& file) {
  const TiledVolume& run = runs_.front();
  const bool are_labels = format_.activation() == Activation::kArgmax;
  const Geometry geometry = output_geometry(run).value_or(plain_geometry({1, 1, 1}));
  const Triple extents = run.output.extents();
  const VolumeImage image{extents, are_labels ? 0 : run.output.shape(1)[1], geometry};
  if (options_.postprocess) {
    PostprocessedSlabs labels(*options_.postprocess, run, 0, slabs_, evaluation_);
    write_volume_image(file, options_.output, image, format_,
                       [&](std::int64_t, std::span<std::byte> out) { labels.read(out); });
    *counts_ += labels.counts();
    return;
  }
  SlabPlanes planes(run, 0, slabs_);
  write_volume_image(
      file, options_.output, image, format_, [&](std::int64_t begin, std::span<std::byte> out) {
        const std::size_t plane_bytes =
            static_cast<std::size_t>(extents[1] * extents[2]) * format_.element_bytes();
        for (std::int64_t at = begin / (extents[1] * extents[2]); !out.empty(); ++at) {
          planes.read(at / extents[0], at % extents[0], out.first(plane_bytes));
          out = out.subspan(plane_bytes);
        }
      });
}

}  // namespace

std::optional<PostprocessCounts> write_predictions(
    const InferOptions& options, const TileVolumes& volumes, std::span<const TiledVolume> runs,
    const OutputFormat& format, const SlabFiles& slabs, SlabEvaluation* evaluation) {
  OutputFile output = options.output_file();
  const bool is_there = !output.may_overwrite && kind_of(output.path) != FileKind::kMissing;
  output.may_overwrite = output.may_overwrite || is_there;
  PredictionFile file(options, volumes, runs, format, slabs,
                      options.postprocess ? evaluation : nullptr);
  const auto put_in_place = [&](auto& unfinished) {
    if (is_there && !have_equal_content(unfinished.path(), output.path))
      throw Error(ExitCode::kUsage, output.path.string() + ": exists; --overwrite replaces it");
    unfinished.put_in_place();
    return file.counts();
  };
  if (is_zarr_output(output.path)) {
    UnfinishedStore unfinished(output);
    file.write_image(unfinished.path());
    return put_in_place(unfinished);
  }
  UnfinishedFile unfinished(output);
  if (is_volume_output(output.path))
    file.write_image(unfinished.path());
  else
    file.write_datasets(unfinished.path());
  return put_in_place(unfinished);
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
