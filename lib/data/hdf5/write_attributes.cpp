#include <hdf5.h>

#include <cassert>
#include <concepts>
#include <set>

#include "data/hdf5/types.h"
#include "data/hdf5/write.h"

namespace lucid::hdf5 {
namespace {

// These attributes of attached dimension scales refer to other objects of the file.
const std::set<std::string> kOfDimensionScales = {
    "CLASS",          "NAME",          "DIMENSION_LIST",     "DIMENSION_LABELS",
    "REFERENCE_LIST", "_Netcdf4Dimid", "_Netcdf4Coordinates"};

bool refers_to_objects(const Handle& type) { return H5Tdetect_class(type.id(), H5T_REFERENCE) > 0; }

// The type has variable length: an attribute stored in place holds at most 64 KiB, and h5py reads
// this as str.
Handle text_type() {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.id(), H5T_VARIABLE);
  H5Tset_cset(type.id(), H5T_CSET_UTF8);
  return type;
}

}  // namespace

void Writer::write_attribute(const std::string& object, const std::string& name, const Handle& type,
                             const Handle& space, const void* value) {
  const char* path = object.empty() ? "/" : object.c_str();
  if (H5Aexists_by_name(file_.id(), path, name.c_str(), H5P_DEFAULT) > 0)
    written(H5Adelete_by_name(file_.id(), path, name.c_str(), H5P_DEFAULT));
  const Handle attribute(
      written(H5Acreate_by_name(file_.id(), path, name.c_str(), type.id(), space.id(), H5P_DEFAULT,
                                H5P_DEFAULT, H5P_DEFAULT)),
      H5Aclose);
  if (value != nullptr) written(H5Awrite(attribute.id(), type.id(), value));
}

template <class T>
void Writer::set_values(const std::string& object, const std::string& name,
                        const std::vector<std::int64_t>& extents, std::span<const T> values) {
  const Lock lock;
  const Handle space = space_of(extents);
  assert(H5Sget_simple_extent_npoints(space.id()) == std::ssize(values));
  if constexpr (std::same_as<T, std::string>) {
    std::vector<const char*> pointers;
    for (const std::string& text : values) pointers.push_back(text.c_str());
    write_attribute(object, name, text_type(), space, pointers.data());
  } else {
    const Handle type(H5Tcopy(native_type(element_of<T>())), H5Tclose);
    write_attribute(object, name, type, space, values.data());
  }
}

template void Writer::set_values(const std::string&, const std::string&,
                                 const std::vector<std::int64_t>&, std::span<const std::string>);
template void Writer::set_values(const std::string&, const std::string&,
                                 const std::vector<std::int64_t>&, std::span<const std::int64_t>);
template void Writer::set_values(const std::string&, const std::string&,
                                 const std::vector<std::int64_t>&, std::span<const double>);

void Writer::copy_attributes(const Array& from, const std::string& object) {
  const Lock lock;
  // Opens one after the other: H5Aiterate2 of HDF5 1.14 reopens the dataset without its external
  // prefix and fails.
  const auto count = static_cast<hsize_t>(
      checked(H5Aget_num_attrs(from.id()), ExitCode::kData, from.place(), "cannot be read"));
  for (hsize_t i = 0; i < count; ++i) {
    const Handle attribute(checked(H5Aopen_by_idx(from.id(), ".", H5_INDEX_NAME, H5_ITER_INC, i,
                                                  H5P_DEFAULT, H5P_DEFAULT),
                                   ExitCode::kData, from.place(), "its attributes cannot be read"),
                           H5Aclose);
    if (kOfDimensionScales.contains(attribute_name(attribute))) continue;
    const Handle type(H5Aget_type(attribute.id()), H5Tclose);
    if (!refers_to_objects(type)) copy_attribute(attribute, from.place(), object);
  }
}

void Writer::copy_attribute(const Handle& from, const std::string& place,
                            const std::string& object) {
  const Lock lock;
  const std::string name = attribute_name(from);
  const Handle type(H5Aget_type(from.id()), H5Tclose), space(H5Aget_space(from.id()), H5Sclose);
  const hssize_t count = H5Sget_simple_extent_npoints(space.id());
  std::vector<std::byte> value(static_cast<std::size_t>(count) * H5Tget_size(type.id()));
  if (count > 0)
    checked(H5Aread(from.id(), type.id(), value.data()), ExitCode::kData, place,
            "attribute '" + name + "' cannot be read");
  write_attribute(object, name, type, space, count > 0 ? value.data() : nullptr);
  if (count > 0) H5Dvlen_reclaim(type.id(), space.id(), H5P_DEFAULT, value.data());
}

}  // namespace lucid::hdf5
