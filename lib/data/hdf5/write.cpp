#include "data/hdf5/write.h"

#include <hdf5.h>

#include <cassert>

#include "data/hdf5/types.h"

namespace lucid::hdf5 {
namespace {

Handle file_access() { return {H5Pcreate(H5P_FILE_ACCESS), H5Pclose}; }

// Objects as HDF5 1.8 introduced them hold attributes beyond 64 KiB; those before it do not.
Handle access_of_large_attributes() {
  Handle access = file_access();
  H5Pset_libver_bounds(access.id(), H5F_LIBVER_V18, H5F_LIBVER_LATEST);
  return access;
}

Handle link_creation() {
  Handle creation(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_char_encoding(creation.id(), H5T_CSET_UTF8);
  return creation;
}

std::vector<hsize_t> extents_of(const Shape& shape) {
  return {shape.extents().begin(), shape.extents().end()};
}

}  // namespace

Handle dataset_creation(const Shape& shape, const Storage& storage) {
  Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(creation.id(), false);
  H5Pset_fill_time(creation.id(), H5D_FILL_TIME_IFSET);
  std::vector<hsize_t> chunk = extents_of(shape);
  if (chunk.empty() || (storage.rows_per_chunk == 0 && storage.chunk.empty())) return creation;
  assert(storage.chunk.empty() || storage.chunk.size() == chunk.size());
  if (storage.chunk.empty()) chunk[0] = std::min(chunk[0], hsize_t(storage.rows_per_chunk));
  for (std::size_t axis = 0; axis < storage.chunk.size(); ++axis)
    chunk[axis] = std::min(chunk[axis], static_cast<hsize_t>(storage.chunk[axis]));
  H5Pset_chunk(creation.id(), static_cast<int>(chunk.size()), chunk.data());
  if (storage.deflate > 0) {
    if (storage.is_shuffled) H5Pset_shuffle(creation.id());
    H5Pset_deflate(creation.id(), static_cast<unsigned>(storage.deflate));
  }
  if (storage.has_checksums) H5Pset_fletcher32(creation.id());
  return creation;
}

Writer::Writer(const std::filesystem::path& path, const std::filesystem::path& named, Handle access)
    : place_(named.string()) {
  const Lock lock;
  const Handle creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
  H5Pset_obj_track_times(creation.id(), false);
  file_ =
      Handle(written(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.id(), access.id())), H5Fclose);
}

Writer::Writer(const std::filesystem::path& path) : Writer(path, path) {}

Writer::Writer(const std::filesystem::path& path, const std::filesystem::path& named)
    : Writer(path, named, (Lock(), access_of_large_attributes())) {}

Writer Writer::in_memory(const std::filesystem::path& name, std::size_t expected_bytes) {
  const Lock lock;
  auto image = std::make_unique<MemoryImage>(expected_bytes);
  Handle access = file_access();
  image->hold(access);
  // HDF5 would read a file of that name first, and frees our memory if it cannot.
  std::filesystem::path unused = name;
  unused += ".memory";
  Writer writer(unused, name, std::move(access));
  writer.image_ = std::move(image);
  return writer;
}

// HDF5 can create these groups itself, but stores the time in them.
void Writer::create_parents(const std::string& path) {
  for (auto end = path.find('/', 1); end != std::string::npos; end = path.find('/', end + 1)) {
    const std::string group = path.substr(0, end);
    if (H5Lexists(file_.id(), group.c_str(), H5P_DEFAULT) <= 0) create_group(group);
  }
}

void Writer::create_group(const std::string& path) {
  const Lock lock;
  create_parents(path);
  const Handle links = link_creation();
  const Handle creation(H5Pcreate(H5P_GROUP_CREATE), H5Pclose);
  H5Pset_obj_track_times(creation.id(), false);
  const Handle group(
      written(H5Gcreate2(file_.id(), path.c_str(), links.id(), creation.id(), H5P_DEFAULT)),
      H5Gclose);
}

void Writer::create(const std::string& path, ElementType type, const Shape& shape,
                    const Storage& storage) {
  const Lock lock;
  create_of(path, native_type(type), shape, storage);
}

void Writer::create_float16(const std::string& path, const Shape& shape, const Storage& storage) {
  const Lock lock;
  const Handle type(H5Tcopy(H5T_IEEE_F32LE), H5Tclose);
  // The arguments are the positions of sign, exponent and mantissa; sizes follow the latter two.
  H5Tset_fields(type.id(), 15, 10, 5, 0, 10);
  H5Tset_size(type.id(), 2);
  H5Tset_ebias(type.id(), 15);
  create_of(path, type.id(), shape, storage);
}

void Writer::create_of(const std::string& path, std::int64_t type, const Shape& shape,
                       const Storage& storage) {
  create_parents(path);
  const Handle space = space_of(shape.extents());
  const Handle links = link_creation();
  const Handle creation = dataset_creation(shape, storage);
  const Handle dataset(written(H5Dcreate2(file_.id(), path.c_str(), type, space.id(), links.id(),
                                          creation.id(), H5P_DEFAULT)),
                       H5Dclose);
}

void Writer::write_box(const Handle& dataset, const Region& region, std::int64_t type,
                       const void* values) {
  const Handle space(H5Dget_space(dataset.id()), H5Sclose);
  const std::vector<hsize_t> start(region.start.begin(), region.start.end());
  const std::vector<hsize_t> count(region.count.begin(), region.count.end());
  if (!count.empty())
    written(H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start.data(), nullptr, count.data(),
                                nullptr));
  const Handle memory = space_of(region.count);
  written(H5Dwrite(dataset.id(), type, memory.id(), space.id(), H5P_DEFAULT, values));
}

void Writer::write_numbers(const std::string& path, ElementType type, std::int64_t begin,
                           std::size_t count, const void* values) {
  const Lock lock;
  Handle dataset(written(H5Dopen2(file_.id(), path.c_str(), H5P_DEFAULT)), H5Dclose);
  const Handle space(H5Dget_space(dataset.id()), H5Sclose);
  std::vector<hsize_t> extents(
      static_cast<std::size_t>(written(H5Sget_simple_extent_ndims(space.id()))));
  H5Sget_simple_extent_dims(space.id(), extents.data(), nullptr);
  Region rows{std::vector<std::int64_t>(extents.size(), 0), {extents.begin(), extents.end()}};
  if (!extents.empty()) {
    const std::size_t row = Shape(rows.count).without_first().count();
    assert(count % row == 0);
    rows.start[0] = begin;
    rows.count[0] = static_cast<std::int64_t>(count / row);
  }
  write_box(dataset, rows, native_type(type), values);
  written(dataset.release());
}

void Writer::write_stored(const std::string& path, const Region& region,
                          std::span<const std::byte> values) {
  const Lock lock;
  Handle dataset(written(H5Dopen2(file_.id(), path.c_str(), H5P_DEFAULT)), H5Dclose);
  const Handle stored(H5Dget_type(dataset.id()), H5Tclose);
  const Handle type(H5Tget_native_type(stored.id(), H5T_DIR_ASCEND), H5Tclose);
  assert(values.size() == Shape(region.count).count() * H5Tget_size(type.id()));
  write_box(dataset, region, type.id(), values.data());
  written(dataset.release());
}

void Writer::write_as_stored(const std::string& path, const Region& region,
                             std::span<const std::byte> values) {
  const Lock lock;
  Handle dataset(written(H5Dopen2(file_.id(), path.c_str(), H5P_DEFAULT)), H5Dclose);
  const Handle type(H5Dget_type(dataset.id()), H5Tclose);
  write_box(dataset, region, type.id(), values.data());
  written(dataset.release());
}

template <class T>
void Writer::write(const std::string& path, const Shape& shape, std::span<const T> values,
                   const Storage& storage) {
  assert(values.size() == shape.count());
  create(path, element_of<T>(), shape, storage);
  write_numbers(path, element_of<T>(), 0, values.size(), values.data());
}

template <class T>
void Writer::write_rows(const std::string& path, std::int64_t begin, std::span<const T> values) {
  write_numbers(path, element_of<T>(), begin, values.size(), values.data());
}

void Writer::write_stored_chunk(const std::string& path, const std::vector<std::int64_t>& start,
                                const StoredChunk& chunk) {
  const Lock lock;
  Handle dataset(written(H5Dopen2(file_.id(), path.c_str(), H5P_DEFAULT)), H5Dclose);
  const std::vector<hsize_t> offset(start.begin(), start.end());
  written(H5Dwrite_chunk(dataset.id(), H5P_DEFAULT, chunk.left_out, offset.data(),
                         chunk.bytes.size(), chunk.bytes.data()));
  written(dataset.release());
}

#define LUCID_WRITES(T)                                                                \
  template void Writer::write<T>(const std::string&, const Shape&, std::span<const T>, \
                                 const Storage&);                                      \
  template void Writer::write_rows<T>(const std::string&, std::int64_t, std::span<const T>);
LUCID_WRITES(float)
LUCID_WRITES(double)
LUCID_WRITES(std::int32_t)
LUCID_WRITES(std::int64_t)
LUCID_WRITES(std::uint8_t)
#undef LUCID_WRITES

void Writer::copy(const Handle& from, const std::string& object, const std::string& to) {
  const Lock lock;
  create_parents(to);
  const Handle links = link_creation();
  const Handle how(H5Pcreate(H5P_OBJECT_COPY), H5Pclose);
  H5Pset_copy_object(how.id(), H5O_COPY_EXPAND_SOFT_LINK_FLAG | H5O_COPY_EXPAND_EXT_LINK_FLAG);
  written(H5Ocopy(from.id(), object.c_str(), file_.id(), to.c_str(), how.id(), links.id()));
}

void Writer::link(const std::string& path, const std::filesystem::path& file,
                  const std::string& object) {
  const Lock lock;
  create_parents(path);
  const Handle links = link_creation();
  written(H5Lcreate_external(file.c_str(), object.c_str(), file_.id(), path.c_str(), links.id(),
                             H5P_DEFAULT));
}

std::vector<std::byte> Writer::image() {
  const Lock lock;
  written(H5Fflush(file_.id(), H5F_SCOPE_GLOBAL));
  written(file_.release());
  constexpr std::size_t kEndAt = 28;  // in a superblock of version 3, which is little-endian
  std::uint64_t end = 0;
  for (std::size_t i = 8; i-- > 0;)
    end = end << 8U | std::to_integer<std::uint64_t>(image_->bytes().at(kEndAt + i));
  image_->bytes().resize(end);
  return std::move(image_->bytes());
}

void Writer::close() {
  const Lock lock;
  written(H5Fflush(file_.id(), H5F_SCOPE_GLOBAL));
  written(file_.release());
}

}  // namespace lucid::hdf5
