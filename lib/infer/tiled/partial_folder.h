#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>
#include <string>

#include "base/file.h"
#include "base/json.h"
#include "data/hdf5/chunk_codec.h"

namespace lucid {

// A slab: what is finished when the windows of one depth of one volume are.
struct SlabNumber {
  std::size_t volume = 0, depth = 0;
  friend auto operator<=>(const SlabNumber&, const SlabNumber&) = default;
};

// Chunks of a finished slab, one behind the other, as a file that appears whole.
class SlabWriter {
 public:
  explicit SlabWriter(const std::filesystem::path& path);
  void add(const StoredChunk& chunk);
  void finish();

 private:
  void write(const void* bytes, std::size_t count);

  std::filesystem::path path_;
  UnfinishedFile unfinished_;
  std::ofstream stream_;
};

class SlabReader {
 public:
  explicit SlabReader(const std::filesystem::path& path);
  StoredChunk next();  // valid until the call after

 private:
  std::filesystem::path path_;
  std::ifstream stream_;
  std::vector<std::byte> chunk_;
};

// OUTPUT.partial: what an interrupted run has finished, for one that is started again with the same
// checkpoint, inputs and options. A slab counts from commit() on; whatever ends the process at
// whatever time, the folder is as after the last one.
class PartialFolder {
 public:
  // Locks the folder. What another fingerprint left is deleted. Throws Error(kFailed) where another
  // process writes the same output.
  PartialFolder(const std::filesystem::path& output, const Json& fingerprint);
  ~PartialFolder();
  PartialFolder(const PartialFolder&) = delete;
  PartialFolder& operator=(const PartialFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  bool was_of_another_run() const { return was_of_another_run_; }
  void start_over() { next_ = {}; }
  bool is_finished(SlabNumber slab) const { return slab < next_; }
  SlabNumber next() const { return next_; }  // the first one that is not finished

  SlabWriter write(SlabNumber slab) const { return SlabWriter(slab_path(slab)); }
  SlabReader read(SlabNumber slab) const { return SlabReader(slab_path(slab)); }

  // Counts the slab as finished. `next` follows on it, and starts from these sums.
  void commit(SlabNumber slab, SlabNumber next, std::span<const float> sums);
  std::vector<float> sums() const;  // of the last commit()

  void remove();  // the folder with all that is in it

 private:
  std::filesystem::path slab_path(SlabNumber slab) const;
  std::filesystem::path sums_path(SlabNumber next) const;
  void lock();
  void take_up(const Json& fingerprint);

  std::filesystem::path path_;
  int folder_ = -1;
  SlabNumber next_;
  bool was_of_another_run_ = false;
};

}  // namespace lucid
