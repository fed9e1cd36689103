#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/array/elements.h"
#include "data/hdf5/handle.h"
#include "data/hdf5/links.h"
#include "tensor/shape.h"

namespace lucid::hdf5 {

// Describes the header of a dataset.
struct ArrayInfo {
  std::vector<std::int64_t> extents;   // none for a scalar; may hold 0
  bool is_null = false;                // true for a dataset without a dataspace
  bool has_fill_values = true;         // if not, elements that were never written count as 0
  std::string type;                    // "uint8", "float32 big-endian", "string", "compound"
  std::optional<ElementType> element;  // type in memory; nullopt if not numeric
  std::string storage;                 // "contiguous", "chunks 1x28x28, deflate 4", "virtual"
};

// A box of an array: `count` elements from `start` along each axis.
struct Region {
  std::vector<std::int64_t> start, count;
};

// An open dataset; keeps its file open. Every read may be called from any thread.
class Array {
 public:
  // File::open() calls this.
  Array(Handle dataset, std::string place, std::vector<Handle> sources);

  const ArrayInfo& info() const { return info_; }
  const std::string& place() const { return place_; }  // "train.h5: /labels"
  std::int64_t id() const { return dataset_.id(); }    // HDF5's; hold a Lock to call with it
  // Returns a text that is equal for equal datasets, whatever path opened them.
  std::string identity() const;
  // Does the same for datasets that are not open at the same time: device and number of the file
  // that holds the dataset, which may be the target of a link, and the address in it.
  std::string stored_identity() const;

  // Returns the number of other files that stay open because a virtual dataset is made of them.
  std::size_t source_files() const { return sources_.size(); }

  // Returns the bytes that the dataset takes in its file; 0 if it is stored elsewhere.
  std::uint64_t storage_bytes() const;

  // These throw Error(kData) unless the dataset is numeric and not empty.
  ElementType element() const;
  Shape shape() const;

  // Read stored elements in this machine's byte order; `out` holds exactly the region or the array.
  void read_stored(const Region& region, std::span<std::byte> out) const;
  void read_stored(std::span<std::byte> out) const;

  // Converts to T, rounding to nearest: float, double, or std::int64_t for stored integers.
  template <class T>
  std::vector<T> read(const Region& region) const;
  template <class T>
  std::vector<T> read() const;

 private:
  std::vector<Handle> sources_;  // the files that a virtual dataset is made of
  Handle dataset_;
  std::string place_;
  ArrayInfo info_;
};

// An HDF5 file open for reading. Paths of datasets may begin with "/" or not.
class File {
 public:
  // Throws Error(kUsage) if there is no such file, Error(kData) if it is not an HDF5 file.
  explicit File(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  std::int64_t id() const { return file_.id(); }  // HDF5's; hold a Lock to call with it

  // Lists everything but groups below a group; opening a link that leads nowhere reports that.
  Listing list(const std::string& group, const Interrupt& interrupt) const;
  // Returns the same paths, or throws Error(kData) if not all of it can be listed.
  std::vector<std::string> datasets(const std::string& group, const Interrupt& interrupt) const;
  std::vector<std::string> datasets() const;
  // Returns the sorted names of links in the group.
  std::vector<std::string> children(const std::string& group) const;

  bool has_link(const std::string& path) const;  // wherever it leads
  bool has_dataset(const std::string& dataset) const;
  bool has_group(const std::string& group) const;
  // Returns a text that is equal for one object, whatever path leads to it.
  std::string identity(const std::string& object) const;
  // Returns "; did you mean 'raw'?", or "; known: " with the first datasets.
  std::string known_datasets(const std::string& wanted) const;
  // Throws Error(kData) if there is no such dataset, or if HDF5 could not read all of it: a filter,
  // an external file or a virtual source is missing, or a virtual dataset refers to itself.
  Array open(const std::string& dataset) const;

  // Reads an attribute of a group, a dataset or the root ("/"), of one value or of a list; empty if
  // there is none of the name. T: std::string, std::int64_t, double. Throws Error(kData).
  template <class T>
  std::optional<T> attribute(const std::string& object, const std::string& name) const;
  template <class T>
  std::vector<T> attribute_list(const std::string& object, const std::string& name) const;

 private:
  Listing list_below(const std::string& group, std::size_t most_links,
                     const Interrupt& interrupt) const;
  [[noreturn]] void fail_to_open(const std::string& dataset) const;

  std::filesystem::path path_;
  Handle file_;
};

}  // namespace lucid::hdf5
