#include "data/chunks/direct_read.h"

#include <hdf5.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "data/array/copy_box.h"
#include "data/hdf5/types.h"

namespace lucid {
namespace {

// A system call costs about as much as reading this many bytes that are not needed.
constexpr std::size_t kGapBytes = 8192;
constexpr std::size_t kRunBytes = std::size_t{1} << 20;

// Returns HDF5's descriptor of the file that holds the dataset; -1 if it is not a plain file.
int descriptor_of(const hdf5::Array& array) {
  const hdf5::Handle file(H5Iget_file_id(array.id()), H5Fclose);
  if (!file.is_open()) return -1;
  const hdf5::Handle access(H5Fget_access_plist(file.id()), H5Pclose);
  void* descriptor = nullptr;
  if (H5Pget_driver(access.id()) != H5FD_SEC2 ||
      H5Fget_vfd_handle(file.id(), H5P_DEFAULT, &descriptor) < 0)
    return -1;
  return *static_cast<int*>(descriptor);
}

}  // namespace

std::optional<DirectRead> DirectRead::of(const hdf5::Array& array) {
  const hdf5::Lock lock;
  const hdf5::Handle creation(H5Dget_create_plist(array.id()), H5Pclose);
  const hdf5::Handle type(H5Dget_type(array.id()), H5Tclose);
  if (H5Pget_layout(creation.id()) != H5D_CONTIGUOUS || H5Pget_external_count(creation.id()) > 0 ||
      hdf5::stored_form(type, array.element()) != hdf5::StoredForm::kSame)
    return std::nullopt;
  // A shorter run than the shape says comes from a damaged file.
  const hdf5::ArrayInfo& info = array.info();
  if (info.is_null || std::ranges::count(info.extents, 0) > 0 ||
      array.storage_bytes() < array.shape().count() * element_bytes(array.element()))
    return std::nullopt;
  const haddr_t offset = H5Dget_offset(array.id());  // undefined if nothing was ever written
  const int descriptor = descriptor_of(array);
  if (offset == HADDR_UNDEF || descriptor < 0) return std::nullopt;
  return DirectRead(array, descriptor, offset);
}

DirectRead::DirectRead(const hdf5::Array& array, int descriptor, std::uint64_t offset)
    : place_(array.place()),
      descriptor_(descriptor),
      offset_(offset),
      extents_(array.info().extents),
      strides_(extents_.size()),
      element_bytes_(element_bytes(array.element())) {
  std::size_t stride = element_bytes_;
  for (std::size_t axis = extents_.size(); axis-- > 0;) {
    strides_[axis] = stride;
    stride *= static_cast<std::size_t>(extents_[axis]);
  }
}

std::size_t DirectRead::read(const hdf5::Region& region, std::span<std::byte> out) const {
  std::size_t first = 0, length = element_bytes_;  // the byte range that holds the region
  for (std::size_t axis = 0; axis < extents_.size(); ++axis) {
    first += static_cast<std::size_t>(region.start[axis]) * strides_[axis];
    length += static_cast<std::size_t>(region.count[axis] - 1) * strides_[axis];
  }
  if (length == out.size()) {
    read_at(first, out);
    return length;
  }
  const std::size_t rows =
      out.size() / (static_cast<std::size_t>(region.count.back()) * element_bytes_);
  if (length > kRunBytes || length - out.size() > kGapBytes * rows) return read_parts(region, out);
  thread_local std::vector<std::byte> run;
  run.resize(length);
  read_at(first, run);
  const std::vector<std::int64_t> start(extents_.size(), 0);
  copy_box(element_bytes_, region.count, run.data(), {extents_, start}, out.data(),
           {region.count, start});
  return length;
}

std::size_t DirectRead::read_parts(const hdf5::Region& region, std::span<std::byte> out) const {
  std::size_t axis = 0;  // the outermost axis that can be split
  while (region.count[axis] == 1) ++axis;
  const std::int64_t count = region.count[axis];
  const std::size_t step_bytes = out.size() / static_cast<std::size_t>(count);
  const auto steps = std::max<std::int64_t>(
      1, std::min(count / 2, static_cast<std::int64_t>(kRunBytes / strides_[axis])));
  std::size_t bytes = 0;
  for (std::int64_t at = 0; at < count; at += steps) {
    hdf5::Region part = region;
    part.start[axis] += at;
    part.count[axis] = std::min(steps, count - at);
    bytes += read(part, out.subspan(static_cast<std::size_t>(at) * step_bytes,
                                    static_cast<std::size_t>(part.count[axis]) * step_bytes));
  }
  return bytes;
}

void DirectRead::read_at(std::size_t byte, std::span<std::byte> out) const {
  std::uint64_t offset = offset_ + byte;
  while (!out.empty()) {
    const ssize_t count = pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0)
      throw Error(ExitCode::kData, place_ + ": cannot be read: " +
                                       (count < 0 ? std::strerror(errno) : "the file ends before"));
    out = out.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
}

}  // namespace lucid
