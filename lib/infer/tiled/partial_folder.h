#pragma once
// Private to this room.

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

// Identifies a slab: the planes of a volume that are final once all windows of one depth index are
// done.
struct SlabNumber {
  std::size_t volume = 0, depth = 0;
  friend auto operator<=>(const SlabNumber&, const SlabNumber&) = default;
};

// Writes the chunks of a finished slab to a file, one after the other. The file appears when it is
// complete.
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
  // The chunk is valid until the next call.
  StoredChunk next();

 private:
  std::filesystem::path path_;
  std::ifstream stream_;
  std::vector<std::byte> chunk_;
};

// The folder OUTPUT.partial holds what an interrupted run has finished, so that the same command
// with the same checkpoint, inputs and options can continue. A slab counts once commit() returns;
// however the process ends, the folder is in the state of the last commit().
class PartialFolder {
 public:
  // Locks the folder and deletes what a run with another fingerprint left. Throws Error(kFailed) if
  // another process writes the same output.
  PartialFolder(const std::filesystem::path& output, const Json& fingerprint);
  ~PartialFolder();
  PartialFolder(const PartialFolder&) = delete;
  PartialFolder& operator=(const PartialFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  bool was_of_another_run() const { return was_of_another_run_; }
  void start_over() { next_ = {}; }
  bool is_finished(SlabNumber slab) const { return slab < next_; }
  SlabNumber next() const { return next_; }  // the first slab that is not finished

  SlabWriter write(SlabNumber slab) const { return SlabWriter(slab_path(slab)); }
  SlabReader read(SlabNumber slab) const { return SlabReader(slab_path(slab)); }

  // Marks the slab as finished. `next` is the slab after it, which starts from these sums.
  void commit(SlabNumber slab, SlabNumber next, std::span<const float> sums);
  // Returns the sums of the last commit().
  std::vector<float> sums() const;

  // Removes the folder and everything in it.
  void remove();

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
