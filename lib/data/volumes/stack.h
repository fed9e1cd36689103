#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/array/box.h"
#include "data/chunks/chunked_array.h"
#include "data/hdf5/file.h"
#include "data/volumes/label_merges.h"
#include "data/volumes/plane_source.h"
#include "data/volumes/value_rule.h"

namespace lucid {

// One dataset of a file as a run of samples or of their targets. read() may be called from any
// thread.
class Stack {
 public:
  // `axes` are plain letters, one for each axis of the array.
  Stack(std::filesystem::path file, std::string dataset, hdf5::Array array, std::string axes);

  // A file in another format; it has no dataset.
  Stack(std::filesystem::path file, std::shared_ptr<const PlaneSource> source, std::string axes);

  // Null for a dataset of an HDF5 file.
  const PlaneSource* source() const { return source_.get(); }
  const std::filesystem::path& file() const { return file_; }
  const std::string& dataset() const { return dataset_; }
  const std::string& place() const { return place_; }  // "train.h5: /labels"
  const std::string& axes() const { return axes_; }
  const Shape& stored() const { return stored_; }
  const std::string& type() const { return type_; }
  bool holds_integers() const { return is_integer(element_); }
  std::size_t samples() const;
  std::size_t stored_samples() const;  // of the dataset, whatever was chosen of it
  // Leaves these samples, ascending; they are counted anew. Call it before the first read.
  void choose(std::vector<std::size_t> samples) { chosen_ = std::move(samples); }
  // Returns the number of a sample in its dataset.
  std::size_t stored_sample(std::size_t sample) const {
    return chosen_.empty() ? sample : chosen_[sample];
  }
  // Values are read as the labels that they count as; the stack has to hold integers.
  void merge(const LabelMerges& merges) { merges_ = merges; }
  const LabelMerges& merges() const { return merges_; }
  std::size_t stored_bytes() const { return stored_.count() * element_bytes(element_); }
  Shape volume_shape() const;  // (C, D, H, W)
  Triple extents() const;      // d, h, w
  Shape target_shape() const;  // the stored axes of c, d, h, w in that order

  void keep_in_memory();        // from the first read on
  void use(ChunkCache& cache);  // reads chunks through the cache, which has to outlive the stack
  std::size_t source_files() const;  // of a virtual dataset, as long as it is open
  void close();                      // later reads open the file again

  void read(std::size_t sample, std::span<float> out) const;
  // Reads a part of the voxels, all channels. With a positive number of threads these share the
  // chunks, which bypass the cache: for data that is read once.
  static constexpr int kThroughCache = 0;
  void read(std::size_t sample, const Box& part, std::span<float> out,
            int threads = kThroughCache) const;

  // Finds the first element of a sample, or of a part of its voxels, that the rule refuses. `mask`
  // may be null; nothing is refused where it is 0.
  std::optional<StoredValue> find_refused(std::size_t sample, const std::optional<Box>& part,
                                          const ValueRule& rule, const Stack* mask) const;
  // Returns a text that is equal for equal datasets, whatever file name and path lead to them.
  const std::string& identity() const { return identity_; }

 private:
  void load() const;
  hdf5::Region region_of(std::size_t sample) const;
  hdf5::Region region_of(std::size_t sample, const Box& part) const;
  // Names an element by its place (c, d, h, w) in the sample, or in the part.
  std::string place_of(std::size_t sample, const Box& part,
                       const std::array<std::int64_t, 4>& at) const;
  void read_region(const hdf5::Region& region, std::span<float> out, int threads) const;
  void read_from_file(const hdf5::Region& region, std::span<std::byte> out, int threads) const;

  std::filesystem::path file_;
  std::string dataset_, place_, axes_, identity_;
  ElementType element_;
  std::string type_;
  Shape stored_;
  std::vector<std::size_t> chosen_;  // samples; empty: all
  LabelMerges merges_;
  std::shared_ptr<const PlaneSource> source_;
  std::optional<hdf5::Array> array_;
  ChunkCache* cache_ = nullptr;
  std::optional<ChunkedArray> chunked_;  // replaces the array if there is a cache
  bool stays_in_memory_ = false;
  mutable std::once_flag loaded_;
  mutable std::vector<std::byte> memory_;
};

}  // namespace lucid
