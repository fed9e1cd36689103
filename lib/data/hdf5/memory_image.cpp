#include "data/hdf5/memory_image.h"

#include <hdf5.h>

#include <cstring>
#include <new>

namespace lucid::hdf5 {
namespace {

constexpr std::size_t kIncrement = std::size_t{4} << 20;

// HDF5 calls these instead of malloc(), realloc(), memcpy() and free(); `image` is a vector.
void* resize_image(void*, std::size_t size, H5FD_file_image_op_t, void* image) {
  auto& bytes = *static_cast<std::vector<std::byte>*>(image);
  try {
    bytes.resize(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  return bytes.data();
}

void* allocate_image(std::size_t size, H5FD_file_image_op_t operation, void* image) {
  return resize_image(nullptr, size, operation, image);
}

void* copy_image(void* to, const void* from, std::size_t size, H5FD_file_image_op_t, void*) {
  return std::memcpy(to, from, size);
}

herr_t keep_memory(void*, H5FD_file_image_op_t, void*) { return 0; }
void* same_image(void* image) { return image; }
herr_t keep_image(void*) { return 0; }

}  // namespace

void MemoryImage::hold(const Handle& access) {
  H5FD_file_image_callbacks_t callbacks{allocate_image, copy_image, resize_image, keep_memory,
                                        same_image,     keep_image, &bytes_};
  H5Pset_file_image_callbacks(access.id(), &callbacks);
  H5Pset_fapl_core(access.id(), kIncrement, 0);
  H5Pset_libver_bounds(access.id(), H5F_LIBVER_V110, H5F_LIBVER_V110);
}

}  // namespace lucid::hdf5
