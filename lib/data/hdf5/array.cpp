#include <hdf5.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/memory.h"
#include "data/hdf5/file.h"
#include "data/hdf5/open.h"
#include "data/hdf5/sources.h"
#include "data/hdf5/types.h"

namespace lucid::hdf5 {
namespace {

// Sizes in bytes are to fit into 63 bits, whatever type in memory the elements get.
constexpr std::int64_t kMostElementBytes = 16;

// HDF5 leaves memory as it is where elements were never written, if it does not fill.
bool has_fill_values(const Handle& dataset) {
  const Handle creation(H5Dget_create_plist(dataset.id()), H5Pclose);
  H5D_fill_value_t fill = H5D_FILL_VALUE_DEFAULT;
  H5D_fill_time_t time = H5D_FILL_TIME_IFSET;
  H5Pfill_value_defined(creation.id(), &fill);
  H5Pget_fill_time(creation.id(), &time);
  return fill != H5D_FILL_VALUE_UNDEFINED && time != H5D_FILL_TIME_NEVER;
}

ArrayInfo read_info(const Handle& dataset, const std::string& place) {
  ArrayInfo info;
  const Handle type(checked(H5Dget_type(dataset.id()), ExitCode::kData, place, "cannot be read"),
                    H5Tclose);
  const Handle space(checked(H5Dget_space(dataset.id()), ExitCode::kData, place, "cannot be read"),
                     H5Sclose);
  info.type = type_text(type);
  info.element = element_for(type);
  info.storage = storage_text(dataset);
  info.has_fill_values = has_fill_values(dataset);
  info.is_null = H5Sget_simple_extent_type(space.id()) == H5S_NULL;
  const int rank = checked(H5Sget_simple_extent_ndims(space.id()), ExitCode::kData, place,
                           "its shape cannot be read");
  std::vector<hsize_t> extents(static_cast<std::size_t>(rank));
  H5Sget_simple_extent_dims(space.id(), extents.data(), nullptr);
  info.extents.assign(extents.begin(), extents.end());
  return info;
}

std::vector<hsize_t> unsigned_extents(const std::vector<std::int64_t>& extents) {
  return {extents.begin(), extents.end()};
}

// Selects the region in the file's space and returns a memory space of its size.
Handle select(const Handle& file_space, const Region& region, const std::string& place) {
  const std::vector<hsize_t> start = unsigned_extents(region.start);
  const std::vector<hsize_t> count = unsigned_extents(region.count);
  if (start.empty()) return {H5Screate(H5S_SCALAR), H5Sclose};
  checked(H5Sselect_hyperslab(file_space.id(), H5S_SELECT_SET, start.data(), nullptr, count.data(),
                              nullptr),
          ExitCode::kData, place, "cannot be read");
  return {checked(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr),
                  ExitCode::kData, place, "cannot be read"),
          H5Sclose};
}

}  // namespace

Array::Array(Handle dataset, std::string place, std::vector<Handle> sources)
    : sources_(std::move(sources)),
      dataset_(std::move(dataset)),
      place_(std::move(place)),
      info_(read_info(dataset_, place_)) {}

std::string Array::identity() const {
  const Lock lock;
  return find_object(dataset_, ".").identity;
}

std::uint64_t Array::storage_bytes() const {
  const Lock lock;
  return H5Dget_storage_size(dataset_.id());
}

ElementType Array::element() const {
  if (info_.element) return *info_.element;
  throw Error(ExitCode::kData, place_ + ": expected integers or floats, found " + info_.type);
}

Shape Array::shape() const {
  if (info_.is_null) throw Error(ExitCode::kData, place_ + ": is an empty dataset without a shape");
  try {
    Shape shape(info_.extents);
    checked_product(shape.elements(), kMostElementBytes);
    return shape;
  } catch (const Error& error) {
    throw Error(ExitCode::kData, place_ + ": " + error.what());
  }
}

void Array::read_stored(const Region& region, std::span<std::byte> out) const {
  assert(region.start.size() == info_.extents.size());
  assert(Shape(region.count).count() * element_bytes(element()) == out.size());
  const Lock lock;
  if (!sources_.empty()) check_free_descriptor(place_);
  const Handle space(H5Dget_space(dataset_.id()), H5Sclose);
  const Handle memory_space = select(space, region, place_);
  if (!info_.has_fill_values) std::ranges::fill(out, std::byte{0});
  checked(H5Dread(dataset_.id(), native_type(element()), memory_space.id(), space.id(), H5P_DEFAULT,
                  out.data()),
          ExitCode::kData, place_, "cannot be read");
}

void Array::read_stored(std::span<std::byte> out) const {
  read_stored({std::vector<std::int64_t>(info_.extents.size(), 0), info_.extents}, out);
}

template <class T>
std::vector<T> Array::read(const Region& region) const {
  const ElementType type = element();
  if (std::is_integral_v<T> && !is_integer(type))
    throw Error(ExitCode::kData, place_ + ": expected integers, found " + info_.type);
  const std::size_t count = Shape(region.count).count();
  return naming_memory(place_, [&] {
    std::vector<T> out(count);
    if (type == element_of<T>()) {
      read_stored(region, std::as_writable_bytes(std::span(out)));
      return out;
    }
    std::vector<std::byte> stored(count * element_bytes(type));
    read_stored(region, stored);
    with_element(type, [&](auto element) {
      const auto* from = reinterpret_cast<const decltype(element)*>(stored.data());
      for (std::size_t i = 0; i < count; ++i) {
        if constexpr (std::is_same_v<T, std::int64_t> && std::is_integral_v<decltype(element)>)
          if (!std::in_range<std::int64_t>(from[i]))
            fail(place_, "expected integers below 2^63, found " + std::to_string(from[i]));
        out[i] = static_cast<T>(from[i]);
      }
    });
    return out;
  });
}

template <class T>
std::vector<T> Array::read() const {
  const Shape whole = shape();
  return read<T>(Region{std::vector<std::int64_t>(whole.rank(), 0), whole.extents()});
}

template std::vector<float> Array::read<float>(const Region&) const;
template std::vector<double> Array::read<double>(const Region&) const;
template std::vector<std::int64_t> Array::read<std::int64_t>(const Region&) const;
template std::vector<float> Array::read<float>() const;
template std::vector<double> Array::read<double>() const;
template std::vector<std::int64_t> Array::read<std::int64_t>() const;

}  // namespace lucid::hdf5
