#pragma once
// Private to this room.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/folder_lock.h"
#include "base/json.h"
#include "infer/tiled/slab_file.h"

namespace lucid {

// Identifies a slab: the planes of a volume that are final once all windows of one depth index are
// done.
struct SlabNumber {
  std::size_t volume = 0, depth = 0;
  friend auto operator<=>(const SlabNumber&, const SlabNumber&) = default;
};

// The folder OUTPUT.partial holds what an interrupted run has finished, so that the same command
// with the same checkpoint, inputs and options can continue. A slab counts once commit() returns;
// however the process ends, the folder is in the state of the last commit(). Nothing in it is
// believed without its checksum.
class PartialFolder {
 public:
  // Locks the folder, deletes what a run with another fingerprint left, and passes over damaged
  // files. Throws Error(kFailed) if another process writes the same output, and Error if that
  // process has put the output in place.
  PartialFolder(const OutputFile& output, const Json& fingerprint);
  ~PartialFolder();
  PartialFolder(const PartialFolder&) = delete;
  PartialFolder& operator=(const PartialFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  bool was_of_another_run() const { return was_of_another_run_; }
  // The name of a file that was not as it was written; the volume it belongs to begins anew.
  const std::string& damaged() const { return damaged_; }
  void start_over();
  bool is_finished(SlabNumber slab) const { return slab < next_; }
  SlabNumber next() const { return next_; }  // the first slab that is not finished

  SlabWriter write(SlabNumber slab) const { return SlabWriter(slab_path(slab)); }
  SlabReader read(SlabNumber slab) const;

  // Marks the slab, if it has a file, as finished. `next` is the slab after it, which starts from
  // these sums.
  void commit(SlabNumber slab, const std::optional<Checksum>& file, SlabNumber next,
              std::span<const float> sums);
  // Returns the `count` sums of the last commit(). Throws Error(kFailed) if they are damaged.
  std::vector<float> sums(std::size_t count) const;

  // Removes what the runs have written, and the folder if there is nothing else in it.
  void remove();

 private:
  std::filesystem::path slab_path(SlabNumber slab) const;
  std::filesystem::path sums_path(SlabNumber next) const;
  void take_up(const Json& fingerprint);
  bool holds_other_files() const;
  void remove_files(bool are_all) const;
  void read_progress(const std::string& text);
  void check_files();
  void go_back_to(SlabNumber slab, const std::string& damaged);
  std::string progress_text() const;

  std::filesystem::path path_;
  FolderLock lock_;
  SlabNumber next_;
  std::map<SlabNumber, Checksum> slabs_;
  Checksum sums_;  // of `next_`
  bool was_of_another_run_ = false;
  std::string damaged_;
};

}  // namespace lucid
