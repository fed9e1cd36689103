#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "data/hdf5/chunk_codec.h"
#include "data/hdf5/file.h"

namespace lucid::hdf5 {

struct Storage {
  std::int64_t rows_per_chunk = 0;    // 0: contiguous, unless there is a
  std::vector<std::int64_t> chunk{};  // ... chunk of any form, which is cut to the shape
  int deflate = 0;                    // 1 (fast) to 9 (small); needs chunks
  bool is_shuffled = true;            // where it is deflated
};

// HDF5's properties of a dataset that is stored so.
Handle dataset_creation(const Shape& shape, const Storage& storage);

// A new HDF5 file. Groups on the way to a dataset are made as needed; equal calls give equal bytes.
// Every failure is an Error(kFailed) "PATH: cannot be written: reason"; what was not close()d is
// unfinished.
class Writer {
 public:
  explicit Writer(const std::filesystem::path& path);  // an existing file is overwritten
  Writer(const std::filesystem::path& path, const std::filesystem::path& named);  // in messages
  static Writer in_memory(const std::filesystem::path& name);  // the name is for messages

  void create_group(const std::string& path);
  // T: float, double, std::int32_t, std::int64_t, std::uint8_t.
  template <class T>
  void write(const std::string& path, const Shape& shape, std::span<const T> values,
             const Storage& storage = {});

  // A dataset that write_rows() fills piece by piece.
  void create(const std::string& path, ElementType type, const Shape& shape,
              const Storage& storage = {});
  void create_float16(const std::string& path, const Shape& shape, const Storage& storage = {});
  template <class T>
  void write_rows(const std::string& path, std::int64_t begin, std::span<const T> values);
  // ... or box by box, of the dataset's own type, in this machine's byte order.
  void write_stored(const std::string& path, const Region& region,
                    std::span<const std::byte> values);

  // ... in the byte order and the type of the file.
  void write_as_stored(const std::string& path, const Region& region,
                       std::span<const std::byte> values);
  // ... or chunk by chunk, encoded as the dataset's storage says.
  void write_stored_chunk(const std::string& path, const std::vector<std::int64_t>& start,
                          const StoredChunk& chunk);

  // A group or dataset of an open file with all that is in it, links followed, chunks as they are.
  void copy(const Handle& from, const std::string& object, const std::string& to);
  // A name for an object of another file; `file` is taken from where this one is.
  void link(const std::string& path, const std::filesystem::path& file, const std::string& object);
  // An attribute of another file, at `place` of that; it refers to no object.
  void copy_attribute(const Handle& from, const std::string& place, const std::string& object);
  // All but those that refer to other objects of the file, which mean nothing in this one.
  void copy_attributes(const Array& from, const std::string& object);
  // On a group, a dataset or the root ("/"); one that exists is replaced.
  void set_attribute(const std::string& object, const std::string& name, const std::string& text);
  void set_attribute(const std::string& object, const std::string& name,
                     std::span<const std::string> texts);
  void set_attribute(const std::string& object, const std::string& name, std::int64_t value);
  void set_attribute(const std::string& object, const std::string& name, double value);
  void set_attribute(const std::string& object, const std::string& name,
                     std::span<const std::int64_t> values);
  void set_attribute(const std::string& object, const std::string& name, const Shape& shape,
                     std::span<const double> values);

  const std::string& place() const { return place_; }  // as messages name it
  std::int64_t id() const { return file_.id(); }       // HDF5's; calls with it hold a Lock

  std::vector<std::byte> image();  // of a file in memory, whole
  void close();                    // of a file on disk

 private:
  Writer(const std::filesystem::path& path, const std::filesystem::path& named, Handle access);
  void create_of(const std::string& path, std::int64_t type, const Shape& shape,
                 const Storage& storage);
  void write_numbers(const std::string& path, ElementType type, std::int64_t begin,
                     std::size_t count, const void* values);
  void write_box(const Handle& dataset, const Region& region, std::int64_t type,
                 const void* values);
  void write_attribute(const std::string& object, const std::string& name, const Handle& type,
                       const Handle& space, const void* value);
  template <class T>
  T written(T value) const {
    return checked(value, ExitCode::kFailed, place_, "cannot be written");
  }

  std::string place_;
  Handle file_;
};

}  // namespace lucid::hdf5
