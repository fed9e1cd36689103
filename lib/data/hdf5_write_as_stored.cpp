#include <hdf5.h>

#include <set>

#include "data/hdf5_types.h"
#include "data/hdf5_write.h"

namespace lucid::hdf5 {
namespace {

// Of scales that are attached to a dataset: they refer to other objects of its file.
const std::set<std::string> kOfDimensionScales = {
    "CLASS",          "NAME",          "DIMENSION_LIST",     "DIMENSION_LABELS",
    "REFERENCE_LIST", "_Netcdf4Dimid", "_Netcdf4Coordinates"};

bool refers_to_objects(const Handle& type) { return H5Tdetect_class(type.id(), H5T_REFERENCE) > 0; }

std::vector<std::string> attribute_names(std::int64_t dataset) {
  std::vector<std::string> names;
  const auto collect = [](hid_t, const char* name, const H5A_info_t*, void* found) -> herr_t {
    static_cast<std::vector<std::string>*>(found)->emplace_back(name);
    return 0;
  };
  hsize_t at = 0;
  H5Aiterate2(dataset, H5_INDEX_NAME, H5_ITER_INC, &at, collect, &names);
  return names;
}

}  // namespace

void Writer::write_as_stored(const std::string& path, const Region& region,
                             std::span<const std::byte> values) {
  const Lock lock;
  Handle dataset(written(H5Dopen2(file_.id(), path.c_str(), H5P_DEFAULT)), H5Dclose);
  const Handle type(H5Dget_type(dataset.id()), H5Tclose);
  write_box(dataset, region, type.id(), values.data());
  written(dataset.release());
}

void Writer::copy_attributes(const Array& from, const std::string& object) {
  const Lock lock;
  for (const std::string& name : attribute_names(from.id())) {
    if (kOfDimensionScales.contains(name)) continue;
    const Handle attribute(H5Aopen(from.id(), name.c_str(), H5P_DEFAULT), H5Aclose);
    const Handle type(H5Aget_type(attribute.id()), H5Tclose);
    const Handle space(H5Aget_space(attribute.id()), H5Sclose);
    const hssize_t count = H5Sget_simple_extent_npoints(space.id());
    if (count <= 0 || refers_to_objects(type)) continue;
    std::vector<std::byte> value(static_cast<std::size_t>(count) * H5Tget_size(type.id()));
    checked(H5Aread(attribute.id(), type.id(), value.data()), ExitCode::kData, from.place(),
            "attribute '" + name + "' cannot be read");
    write_attribute(object, name, type, space, value.data());
    H5Dvlen_reclaim(type.id(), space.id(), H5P_DEFAULT, value.data());
  }
}

}  // namespace lucid::hdf5
