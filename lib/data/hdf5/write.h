#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/hdf5/chunk_codec.h"
#include "data/hdf5/file.h"
#include "data/hdf5/memory_image.h"

namespace lucid::hdf5 {

struct Storage {
  std::int64_t rows_per_chunk = 0;    // 0: contiguous, unless `chunk` is given
  std::vector<std::int64_t> chunk{};  // any extents, clipped to the shape
  int deflate = 0;                    // 1 (fast) to 9 (small); needs chunks
  bool is_shuffled = true;            // has no effect unless deflated
  bool has_checksums = false;         // Fletcher32 of every chunk; needs chunks
};

// Returns HDF5's creation properties of a dataset that is stored like this.
Handle dataset_creation(const Shape& shape, const Storage& storage);

// Returns the names of the attributes that may be copied to another file: all but those that refer
// to other objects of their file.
std::vector<std::string> attribute_names(const Array& array);
// Throws Error(kData) if one of them cannot be read.
void check_attributes(const Array& array, std::span<const std::string> names);
// Returns true if both have the attribute, with the same type, extents and value.
bool have_equal_attribute(const Array& a, const Array& b, const std::string& name);

// Writes a new HDF5 file, which HDF5 from 1.8 on reads. Groups on the path of a dataset are created
// as needed; equal calls write equal bytes. Every failure is an Error(kFailed) "PATH: cannot be
// written: reason". The file is incomplete until close() returns.
class Writer {
 public:
  explicit Writer(const std::filesystem::path& path);  // overwrites an existing file
  // Messages name the file `named`.
  Writer(const std::filesystem::path& path, const std::filesystem::path& named);
  // Makes a file of about so many bytes in memory; messages use the name. HDF5 1.10 and later can
  // read it, and find damage to what is no data by checksums.
  static Writer in_memory(const std::filesystem::path& name, std::size_t expected_bytes = 0);

  void create_group(const std::string& path);
  // T: float, double, std::int32_t, std::int64_t, std::uint8_t.
  template <class T>
  void write(const std::string& path, const Shape& shape, std::span<const T> values,
             const Storage& storage = {});

  // Creates a dataset, to be filled by one of the functions below.
  void create(const std::string& path, ElementType type, const Shape& shape,
              const Storage& storage = {});
  void create_float16(const std::string& path, const Shape& shape, const Storage& storage = {});
  // Writes consecutive rows from row `begin` on, converted from T.
  template <class T>
  void write_rows(const std::string& path, std::int64_t begin, std::span<const T> values);
  // Writes a box of the dataset's own type, in this machine's byte order.
  void write_stored(const std::string& path, const Region& region,
                    std::span<const std::byte> values);

  // Writes a box whose values already have the type and byte order of the file.
  void write_as_stored(const std::string& path, const Region& region,
                       std::span<const std::byte> values);
  // Writes a whole chunk, encoded as the dataset's storage says.
  void write_stored_chunk(const std::string& path, const std::vector<std::int64_t>& start,
                          const StoredChunk& chunk);

  // Copies a group or dataset of an open file with all it contains; links are followed, chunks
  // copied as they are.
  void copy(const Handle& from, const std::string& object, const std::string& to);
  // Makes an external link; a relative `file` is searched next to this one.
  void link(const std::string& path, const std::filesystem::path& file, const std::string& object);
  // Copies an attribute of another file, which may not refer to objects; `place` names it in
  // messages.
  void copy_attribute(const Handle& from, const std::string& place, const std::string& object);
  // Copies attributes, of any size: those that attribute_names() returns, or the given ones of
  // them.
  void copy_attributes(const Array& from, const std::string& object);
  void copy_attributes(const Array& from, const std::string& object,
                       std::span<const std::string> names);
  // Sets an attribute of a group, a dataset or the root ("/"), replacing an existing one.
  void set_attribute(const std::string& object, const std::string& name, const std::string& text) {
    set_values<std::string>(object, name, {}, {&text, 1});
  }
  void set_attribute(const std::string& object, const std::string& name,
                     std::span<const std::string> texts) {
    set_values(object, name, {std::ssize(texts)}, texts);
  }
  void set_attribute(const std::string& object, const std::string& name, std::int64_t value) {
    set_values<std::int64_t>(object, name, {}, {&value, 1});
  }
  void set_attribute(const std::string& object, const std::string& name, double value) {
    set_values<double>(object, name, {}, {&value, 1});
  }
  void set_attribute(const std::string& object, const std::string& name,
                     std::span<const std::int64_t> values) {
    set_values(object, name, {std::ssize(values)}, values);
  }
  void set_attribute(const std::string& object, const std::string& name, const Shape& shape,
                     std::span<const double> values) {
    set_values(object, name, shape.extents(), values);
  }

  const std::string& place() const { return place_; }  // the file's name in messages
  std::int64_t id() const { return file_.id(); }       // HDF5's; hold a Lock to call with it

  std::vector<std::byte> image();  // the whole file, if in memory; closes it
  void close();                    // finishes a file on disk

 private:
  Writer(const std::filesystem::path& path, const std::filesystem::path& named, Handle access);
  void create_parents(const std::string& path);
  void create_of(const std::string& path, std::int64_t type, const Shape& shape,
                 const Storage& storage);
  void write_numbers(const std::string& path, ElementType type, std::int64_t begin,
                     std::size_t count, const void* values);
  void write_box(const Handle& dataset, const Region& region, std::int64_t type,
                 const void* values);
  template <class T>
  void set_values(const std::string& object, const std::string& name,
                  const std::vector<std::int64_t>& extents, std::span<const T> values);
  void write_attribute(const std::string& object, const std::string& name, const Handle& type,
                       const Handle& space, const void* value);
  template <class T>
  T written(T value) const {
    return checked(value, ExitCode::kFailed, place_, "cannot be written");
  }

  std::string place_;
  std::unique_ptr<MemoryImage> image_;  // of a file in memory, which it must outlive
  Handle file_;
};

}  // namespace lucid::hdf5
