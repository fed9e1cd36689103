#include "bench/read_bench.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "base/stopwatch.h"
#include "base/table.h"
#include "base/text.h"
#include "bench/timing.h"
#include "data/chunks/chunked_array.h"
#include "formats/zarr/zarr_volume.h"

namespace lucid {
namespace {

constexpr const char* kZarr = "lucid, zarr";
constexpr std::size_t kSlabBytes = std::size_t{64} << 20;

// Divides a dataset into slabs of a few megabytes: whole rows of chunks along the first axis.
class Slabs {
 public:
  explicit Slabs(const ChunkedArray& array) : shape_(array.array().shape()) {
    const std::int64_t chunk = array.chunk_extents().empty() ? 1 : array.chunk_extents()[0];
    row_bytes_ = shape_.count() / static_cast<std::size_t>(shape_[0]) *
                 element_bytes(array.array().element());
    const auto rows = static_cast<std::int64_t>(kSlabBytes / row_bytes_);
    rows_ = std::min(shape_[0], std::max(rows / chunk, std::int64_t{1}) * chunk);
    memory_.resize(static_cast<std::size_t>(rows_) * row_bytes_);
  }

  std::size_t bytes() const { return memory_.size(); }

  // Calls use(region, memory) slab by slab.
  void walk(const std::function<void(const hdf5::Region&, std::span<std::byte>)>& use) {
    for (std::int64_t at = 0; at < shape_[0]; at += rows_) {
      hdf5::Region region{std::vector<std::int64_t>(shape_.rank(), 0), shape_.extents()};
      region.start[0] = at;
      region.count[0] = std::min(rows_, shape_[0] - at);
      use(region, std::span(memory_).first(static_cast<std::size_t>(region.count[0]) * row_bytes_));
    }
  }

 private:
  Shape shape_;
  std::int64_t rows_ = 1;
  std::size_t row_bytes_ = 0;
  std::vector<std::byte> memory_;
};

// Compares the readers, which also brings the files into the page cache.
void check_equal(const ChunkedArray& array, const ZarrVolume* zarr, int threads, Slabs& slabs) {
  if (zarr != nullptr &&
      (zarr->shape() != array.array().shape() || zarr->element() != array.array().element()))
    throw Error(ExitCode::kData, zarr->place() + ": expected " + array.array().shape().str() +
                                     " of " + element_name(array.array().element()) + " as in " +
                                     array.array().place() + ", found " + zarr->shape().str() +
                                     " of " + element_name(zarr->element()));
  std::vector<std::byte> other;
  slabs.walk([&](const hdf5::Region& region, std::span<std::byte> ours) {
    other.resize(ours.size());
    array.read_stored(region, ours, threads);
    array.array().read_stored(region, other);
    if (!std::ranges::equal(ours, other))
      throw Error(ExitCode::kData, array.array().place() + ": HDF5 reads other numbers than lucid");
    if (zarr == nullptr) return;
    zarr->read_shared(region, other, threads);
    if (!std::ranges::equal(ours, other))
      throw Error(ExitCode::kData,
                  zarr->place() + ": holds other numbers than " + array.array().place());
  });
}

double mega_a_second(const ReadFigures& figures, const ReadFigures::Reader& reader) {
  return static_cast<double>(figures.decoded_bytes) / reader.seconds / 1e6;
}

double gain(const ReadFigures& figures, const ReadFigures::Reader& reader) {
  return figures.readers.front().seconds / reader.seconds;
}

}  // namespace

ReadFigures measure_reads(const ReadOptions& options) {
  ChunkCache cache(0);
  const ChunkedArray array(hdf5::File(options.file).open(options.dataset), cache);
  if (array.array().shape().rank() == 0)
    throw Error(ExitCode::kData, array.array().place() + ": expected an array, found a scalar");
  std::optional<ZarrVolume> zarr;
  if (options.zarr) zarr.emplace(*options.zarr);
  Slabs slabs(array);
  ReadFigures figures{.place = array.array().place(),
                      .shape = array.array().shape().str(),
                      .type = array.array().info().type,
                      .storage = array.array().info().storage,
                      .slab_bytes = slabs.bytes(),
                      .readers = {{"H5Dread", 1, 0}}};
  for (const char* name : {"lucid", kZarr}) {
    if (name == kZarr && !zarr) continue;
    for (int threads = 1; threads < options.threads; threads *= 2)
      figures.readers.push_back({name, threads, 0});
    figures.readers.push_back({name, options.threads, 0});
  }
  check_equal(array, zarr ? &*zarr : nullptr, options.threads, slabs);
  figures.stored_bytes = cache.counts().stored_bytes;
  figures.decoded_bytes = array.array().shape().count() * element_bytes(array.array().element());
  std::vector<std::vector<double>> seconds(figures.readers.size());
  // Times all readers in turn, so that other load on the machine affects them alike.
  for (std::int64_t i = 0; i < options.repeats; ++i)
    for (std::size_t reader = 0; reader < seconds.size(); ++reader) {
      const Stopwatch watch;
      slabs.walk([&](const hdf5::Region& region, std::span<std::byte> out) {
        if (reader == 0) return array.array().read_stored(region, out);
        const ReadFigures::Reader& one = figures.readers[reader];
        if (one.name == kZarr) return zarr->read_shared(region, out, one.threads);
        array.read_stored(region, out, one.threads);
      });
      seconds[reader].push_back(watch.seconds());
    }
  for (std::size_t reader = 0; reader < seconds.size(); ++reader)
    figures.readers[reader].seconds = median(seconds[reader]);
  return figures;
}

std::string read_table(const ReadFigures& figures) {
  std::string text = figures.place + ": " + figures.shape + " " + figures.type + ", " +
                     figures.storage + "; " + bytes_text(figures.stored_bytes) + " stored, " +
                     bytes_text(figures.decoded_bytes) + " decoded, in slabs of " +
                     bytes_text(figures.slab_bytes) + "\n";
  Table table({"reader", "threads", "MB/s", "times H5Dread"});
  for (const ReadFigures::Reader& reader : figures.readers)
    table.add({reader.name, std::to_string(reader.threads),
               fixed_text(mega_a_second(figures, reader), 0),
               fixed_text(gain(figures, reader), 2)});
  return text + table.text();
}

Json read_json(const ReadFigures& figures) {
  Json readers = Json::array();
  for (const ReadFigures::Reader& reader : figures.readers)
    readers.push_back({{"reader", reader.name},
                       {"threads", reader.threads},
                       {"seconds", reader.seconds},
                       {"megabytes_per_second", mega_a_second(figures, reader)},
                       {"times_h5dread", gain(figures, reader)}});
  return {{"dataset", figures.place},
          {"shape", figures.shape},
          {"type", figures.type},
          {"storage", figures.storage},
          {"stored_bytes", figures.stored_bytes},
          {"decoded_bytes", figures.decoded_bytes},
          {"readers", std::move(readers)}};
}

}  // namespace lucid
