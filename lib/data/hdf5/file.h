#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/array/elements.h"
#include "data/hdf5/handle.h"
#include "tensor/shape.h"

namespace lucid::hdf5 {

// What the header of a dataset says.
struct ArrayInfo {
  std::vector<std::int64_t> extents;   // none for a scalar; may hold 0
  bool is_null = false;                // a dataset without a dataspace
  std::string type;                    // "uint8", "float32 big-endian", "string", "compound"
  std::optional<ElementType> element;  // what it is read as; empty where it holds no numbers
  std::string storage;                 // "contiguous", "chunks 1x28x28, deflate 4", "virtual"
};

// A box of an array: `count` elements from `start` along each axis.
struct Region {
  std::vector<std::int64_t> start, count;
};

// An open dataset; keeps its file open. Every read may be called from any thread.
class Array {
 public:
  Array(Handle dataset, std::string place);  // File::open() makes them

  const ArrayInfo& info() const { return info_; }
  const std::string& place() const { return place_; }  // "train.h5: /labels"
  std::int64_t id() const { return dataset_.id(); }    // HDF5's; calls with it hold a Lock
  std::string identity() const;  // equal for equal datasets, opened by whatever path

  std::uint64_t storage_bytes() const;  // that it takes in its file; 0 where it lies elsewhere

  // Throw Error(kData) unless the dataset holds at least one number.
  ElementType element() const;
  Shape shape() const;

  // The stored numbers in this machine's byte order; `out` holds exactly the region.
  void read_stored(const Region& region, std::span<std::byte> out) const;
  void read_stored(std::span<std::byte> out) const;  // the whole array

  // T: float, double, std::int64_t (which needs stored integers). Rounds to nearest.
  template <class T>
  std::vector<T> read(const Region& region) const;
  template <class T>
  std::vector<T> read() const;

 private:
  void read_bytes(std::int64_t memory_space, std::int64_t file_space,
                  std::span<std::byte> out) const;

  Handle dataset_;
  std::string place_;
  ArrayInfo info_;
};

// An HDF5 file open for reading. Paths of datasets are written with or without a leading "/".
class File {
 public:
  // Throws Error(kUsage) when there is no such file, Error(kData) when it is no HDF5 file.
  explicit File(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  std::int64_t id() const { return file_.id(); }  // HDF5's; calls with it hold a Lock

  // The paths, without leading "/", of everything that is no group, sorted. Links are followed; one
  // that leads nowhere is listed, and opening it says so.
  std::vector<std::string> datasets() const;
  std::vector<std::string> children(const std::string& group) const;  // names of links, sorted

  bool has_dataset(const std::string& dataset) const;
  bool has_group(const std::string& group) const;
  std::string identity(const std::string& object) const;  // equal for one object by whatever path
  // Throws Error(kData) when there is no such dataset, or HDF5 could not read all of it: a filter,
  // an external file or a virtual source is missing, or a virtual dataset is made of itself.
  Array open(const std::string& dataset) const;

  // Of a group, a dataset or the root ("/"); empty when there is none of the name.
  std::optional<std::string> text_attribute(const std::string& object,
                                            const std::string& name) const;
  std::vector<std::string> texts_attribute(const std::string& object,
                                           const std::string& name) const;
  std::optional<std::int64_t> integer_attribute(const std::string& object,
                                                const std::string& name) const;
  std::optional<double> number_attribute(const std::string& object, const std::string& name) const;
  std::vector<std::int64_t> integers_attribute(const std::string& object,
                                               const std::string& name) const;
  std::vector<double> numbers_attribute(const std::string& object, const std::string& name) const;

 private:
  [[noreturn]] void fail_to_open(const std::string& dataset) const;

  std::filesystem::path path_;
  Handle file_;
};

}  // namespace lucid::hdf5
