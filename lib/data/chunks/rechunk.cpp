#include "data/chunks/rechunk.h"

#include <libdeflate.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "base/file.h"
#include "base/memory.h"
#include "data/chunks/box_grid.h"
#include "data/chunks/stored_parts.h"
#include "data/hdf5/copy.h"

namespace lucid {
namespace {

constexpr std::size_t kLeastChunk = std::size_t{1} << 20, kMostChunk = std::size_t{6} << 20;

std::size_t bytes_of(const Triple& chunk, std::size_t element_bytes) {
  return Shape{chunk[0], chunk[1], chunk[2]}.count() * element_bytes;
}

bool is_rechunked(const hdf5::ArrayInfo& info) {
  return info.element && !info.is_null && info.extents.size() >= 3 &&
         std::ranges::count(info.extents, 0) == 0;
}

// Reads a dataset in its stored type, with several threads if that is also the type in memory.
class Numbers {
 public:
  Numbers(hdf5::Array array, ChunkCache& cache)
      : array_(std::move(array), cache),
        is_plain_(hdf5::is_stored_as_read(array_.array())),
        element_bytes_(hdf5::stored_element_bytes(array_.array())) {}

  const hdf5::Array& array() const { return array_.array(); }
  const ChunkedArray& chunked() const { return array_; }
  bool is_plain() const { return is_plain_; }
  std::size_t element_bytes() const { return element_bytes_; }

  void read(const hdf5::Region& region, std::span<std::byte> out, int threads) const {
    if (is_plain_) return array_.read_stored(region, out, threads);
    hdf5::read_unconverted(array(), region, out);
  }

 private:
  ChunkedArray array_;
  bool is_plain_;
  std::size_t element_bytes_;
};

// One run of rechunk(): the same boxes are written first and then read back.
class Rechunk {
 public:
  Rechunk(const std::filesystem::path& from, const RechunkOptions& options, const Advance& advance)
      : from_(from), options_(options), advance_(advance) {}

  RechunkResult write(hdf5::Writer& to);
  void verify(const hdf5::File& written, const std::filesystem::path& named, RechunkResult& result);

 private:
  hdf5::Storage storage_of(const hdf5::Array& array) const;
  BoxGrid boxes_of(const Numbers& numbers) const;
  std::vector<std::int64_t> stored_boxes(const Numbers& numbers) const;
  void write_dataset(const std::string& path, const std::vector<std::int64_t>& boxes,
                     hdf5::Writer& to);
  std::span<std::byte> memory_for(const hdf5::Region& region, const Numbers& numbers);
  void advance(std::size_t bytes) { advance_(done_ += bytes, total_); }

  hdf5::File from_;
  const RechunkOptions& options_;
  const Advance& advance_;
  ChunkCache cache_{0};
  std::vector<std::byte> memory_;
  std::vector<std::vector<std::int64_t>> boxes_;  // to copy, of each dataset
  std::vector<std::uint32_t> checksums_;          // of each box, in the order of writing
  std::size_t done_ = 0, total_ = 0;
};

hdf5::Storage Rechunk::storage_of(const hdf5::Array& array) const {
  const Shape shape = array.shape();
  const std::size_t rank = shape.rank(), bytes = hdf5::stored_element_bytes(array);
  const Triple volume{shape[rank - 3], shape[rank - 2], shape[rank - 1]};
  const Triple chunk = options_.chunk.value_or(chunk_near(options_.patch, volume, bytes));
  hdf5::Storage storage{.deflate = options_.deflate,
                        .is_shuffled = options_.is_shuffled && bytes > 1};
  storage.chunk.assign(rank, 1);
  for (std::size_t axis = 0; axis < 3; ++axis)
    storage.chunk[rank - 3 + axis] = std::min(chunk[axis], volume[axis]);
  return storage;
}

BoxGrid Rechunk::boxes_of(const Numbers& numbers) const {
  const Shape shape = numbers.array().shape();
  return {shape, box_of_chunks(shape, storage_of(numbers.array()).chunk, numbers.element_bytes(),
                               options_.memory_bytes / 2)};
}

// What was never written is left to the fill value, which the copy has, too.
std::vector<std::int64_t> Rechunk::stored_boxes(const Numbers& numbers) const {
  const BoxGrid boxes = boxes_of(numbers);
  const Shape shape = numbers.array().shape();
  const StoredParts parts(numbers.chunked(),
                          {std::vector<std::int64_t>(shape.rank(), 0), shape.extents()},
                          options_.memory_bytes / 2, [this] { advance_(0, 1); });
  std::set<std::int64_t> touched;
  if (parts.filled() > 0) {
    for (std::int64_t i = 0; i < parts.count(); ++i)
      for (const std::int64_t box : boxes.touched_by(parts.region(i))) touched.insert(box);
    return {touched.begin(), touched.end()};
  }
  std::vector<std::int64_t> all(static_cast<std::size_t>(boxes.count()));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

std::span<std::byte> Rechunk::memory_for(const hdf5::Region& region, const Numbers& numbers) {
  const std::size_t bytes = Shape(region.count).count() * numbers.element_bytes();
  if (memory_.size() < bytes)
    naming_memory(numbers.array().place(), [&] { memory_.resize(bytes); });
  return std::span(memory_).first(bytes);
}

RechunkResult Rechunk::write(hdf5::Writer& to) {
  hdf5::FileCopy copy = hdf5::copy_file(
      from_,
      [this](const hdf5::Array& array) -> std::optional<hdf5::Storage> {
        if (!is_rechunked(array.info())) return std::nullopt;
        return storage_of(array);
      },
      [this] { advance_(0, 1); }, to);
  RechunkResult result;
  result.left_out = std::move(copy.left_out);
  for (const std::string& path : copy.datasets) {
    const Numbers numbers(from_.open(path), cache_);
    boxes_.push_back(stored_boxes(numbers));
    for (const std::int64_t box : boxes_.back())
      total_ += 2 * Shape(boxes_of(numbers).region(box).count).count() * numbers.element_bytes();
    result.datasets.push_back(
        {path, numbers.array().info().storage, "", numbers.array().storage_bytes(), 0});
  }
  for (std::size_t i = 0; i < copy.datasets.size(); ++i)
    write_dataset(copy.datasets[i], boxes_[i], to);
  return result;
}

void Rechunk::write_dataset(const std::string& path, const std::vector<std::int64_t>& boxes,
                            hdf5::Writer& to) {
  const Numbers numbers(from_.open(path), cache_);
  const BoxGrid grid = boxes_of(numbers);
  const ChunkedOutput output{path, numbers.array().element(), numbers.array().shape(),
                             storage_of(numbers.array())};
  for (const std::int64_t number : boxes) {
    const hdf5::Region box = grid.region(number);
    const std::span<std::byte> values = memory_for(box, numbers);
    numbers.read(box, values, options_.threads);
    checksums_.push_back(libdeflate_crc32(0, values.data(), values.size()));
    if (numbers.is_plain())
      write_chunks(to, output, box, options_.threads, std::span<const std::byte>(values),
                   [&](std::size_t done, std::size_t) { advance_(done_ + done, total_); });
    else
      to.write_as_stored(path, box, values);
    advance(values.size());
  }
}

void Rechunk::verify(const hdf5::File& written, const std::filesystem::path& named,
                     RechunkResult& result) {
  std::size_t box = 0, at = 0;
  for (RechunkedDataset& dataset : result.datasets) {
    const Numbers numbers(written.open(dataset.path), cache_);
    dataset.after = numbers.array().info().storage;
    dataset.bytes_after = numbers.array().storage_bytes();
    const BoxGrid grid = boxes_of(numbers);
    for (const std::int64_t number : boxes_[at++]) {
      const std::span<std::byte> values = memory_for(grid.region(number), numbers);
      numbers.read(grid.region(number), values, options_.threads);
      if (libdeflate_crc32(0, values.data(), values.size()) != checksums_.at(box++))
        throw Error(ExitCode::kFailed, named.string() + ": /" + dataset.path +
                                           ": the elements read back differ from those written");
      advance(values.size());
    }
  }
}

}  // namespace

Triple chunk_near(const Triple& patch, const Triple& volume, std::size_t element_bytes) {
  Triple chunk{};
  for (std::size_t axis = 0; axis < 3; ++axis) chunk[axis] = std::min(patch[axis], volume[axis]);
  while (bytes_of(chunk, element_bytes) > kMostChunk) {
    std::int64_t& longest = *std::ranges::max_element(chunk);
    longest = (longest + 1) / 2;
  }
  while (bytes_of(chunk, element_bytes) < kLeastChunk) {
    std::size_t shortest = 3;  // the last of equal ones, to keep rows long
    for (std::size_t axis = 3; axis-- > 0;)
      if (chunk[axis] < volume[axis] && (shortest == 3 || chunk[axis] < chunk[shortest]))
        shortest = axis;
    if (shortest == 3) break;
    chunk[shortest] = std::min(2 * chunk[shortest], volume[shortest]);
  }
  return chunk;
}

RechunkResult rechunk(const std::filesystem::path& from, const OutputFile& to,
                      const RechunkOptions& options, const Advance& advance) {
  Rechunk run(from, options, advance);
  UnfinishedFile unfinished(to);
  hdf5::Writer writer(unfinished.path(), to.path);
  RechunkResult result = run.write(writer);
  writer.close();
  run.verify(hdf5::File(unfinished.path()), to.path, result);
  unfinished.put_in_place();
  return result;
}

}  // namespace lucid
