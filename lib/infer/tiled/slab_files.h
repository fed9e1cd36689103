#pragma once
// Private to this room.

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "infer/tiled/slab_record.h"

namespace lucid {

// The files of finished slabs in OUTPUT.partial: slab-V-D has its planes, sums-V-D what the slab of
// this depth starts from, and done-V-D, which is written last, the checksums of both.
class SlabFiles {
 public:
  explicit SlabFiles(const std::filesystem::path& folder) : path_(folder) {}

  static bool is_its_file(const std::string& name);
  static bool is_finished_slab(const std::string& name);
  bool is_needed(const std::string& name) const;

  // Writes records of what an earlier version of lucid finished; `depths_of` the volumes.
  void convert_earlier(const std::vector<std::size_t>& depths_of) const;
  void read_records(const std::set<std::string>& names);
  // Reads all files, and forgets the slabs whose files are not as they were written.
  void check_files();
  // The name of a file that was not; empty if there is none.
  const std::string& damaged() const { return damaged_; }
  const std::map<SlabNumber, SlabRecord>& records() const { return records_; }

  // Whether the sums are there, among the `names` of the folder's files, that the slab starts from.
  bool has_sums(SlabNumber slab, const std::set<std::string>& names) const;
  // Returns the `count` sums that the slab starts from; nothing if they are not there or damaged.
  std::optional<std::vector<float>> sums(SlabNumber slab, std::size_t count) const;

  SlabWriter write(SlabNumber slab) const { return SlabWriter(path_ / slab_name("slab", slab)); }
  SlabReader read(SlabNumber slab) const;
  // Marks the slab, if it has a file, as finished by a process. The slab after it, if there is one
  // in its volume, starts from these sums.
  void commit(SlabNumber slab, const std::optional<Checksum>& file, std::span<const float> sums,
              const std::string& process);

 private:
  std::filesystem::path path_;
  std::map<SlabNumber, SlabRecord> records_;
  std::string damaged_;
};

}  // namespace lucid
