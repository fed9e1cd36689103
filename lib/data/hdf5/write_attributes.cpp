#include <hdf5.h>

#include <cassert>
#include <concepts>
#include <cstring>
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

Handle open_attribute(const Array& array, const std::string& name) {
  return {checked(H5Aopen(array.id(), name.c_str(), H5P_DEFAULT), ExitCode::kData, array.place(),
                  "attribute '" + name + "' cannot be read"),
          H5Aclose};
}

// The elements of an attribute as they are in memory.
class AttributeValue {
 public:
  AttributeValue(const Handle& attribute, const std::string& place)
      : type_(H5Aget_type(attribute.id()), H5Tclose),
        space_(H5Aget_space(attribute.id()), H5Sclose),
        bytes_(
            attribute_bytes(attribute, place + ": attribute '" + attribute_name(attribute) + "'")) {
    if (bytes_.empty()) return;
    checked(H5Aread(attribute.id(), type_.id(), bytes_.data()), ExitCode::kData, place,
            "attribute '" + attribute_name(attribute) + "' cannot be read");
    is_read_ = true;
  }
  ~AttributeValue() {
    if (is_read_) H5Dvlen_reclaim(type_.id(), space_.id(), H5P_DEFAULT, bytes_.data());
  }
  AttributeValue(const AttributeValue&) = delete;
  AttributeValue& operator=(const AttributeValue&) = delete;

  const std::byte* data() const { return bytes_.empty() ? nullptr : bytes_.data(); }
  const std::vector<std::byte>& bytes() const { return bytes_; }
  std::vector<std::string> texts() const {  // of variable length
    std::vector<std::string> texts;
    for (std::size_t at = 0; at < bytes_.size(); at += sizeof(char*)) {
      const char* text = nullptr;
      std::memcpy(&text, &bytes_[at], sizeof(text));
      texts.emplace_back(text == nullptr ? "" : text);
    }
    return texts;
  }

 private:
  Handle type_, space_;
  std::vector<std::byte> bytes_;
  bool is_read_ = false;
};

// The type has variable length: h5py reads this as str.
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

// Opens one after the other: H5Aiterate2 of HDF5 1.14 reopens the dataset without its external
// prefix and fails.
std::vector<std::string> attribute_names(const Array& array) {
  const Lock lock;
  const auto count = static_cast<hsize_t>(
      checked(H5Aget_num_attrs(array.id()), ExitCode::kData, array.place(), "cannot be read"));
  std::vector<std::string> names;
  for (hsize_t i = 0; i < count; ++i) {
    const Handle attribute(checked(H5Aopen_by_idx(array.id(), ".", H5_INDEX_NAME, H5_ITER_INC, i,
                                                  H5P_DEFAULT, H5P_DEFAULT),
                                   ExitCode::kData, array.place(), "its attributes cannot be read"),
                           H5Aclose);
    const std::string name = attribute_name(attribute);
    const Handle type(H5Aget_type(attribute.id()), H5Tclose);
    if (!kOfDimensionScales.contains(name) && !refers_to_objects(type)) names.push_back(name);
  }
  return names;
}

void check_attributes(const Array& array, std::span<const std::string> names) {
  const Lock lock;
  for (const std::string& name : names) AttributeValue(open_attribute(array, name), array.place());
}

bool have_equal_attribute(const Array& a, const Array& b, const std::string& name) {
  const Lock lock;
  if (H5Aexists(a.id(), name.c_str()) <= 0 || H5Aexists(b.id(), name.c_str()) <= 0) return false;
  const Handle one = open_attribute(a, name), other = open_attribute(b, name);
  const Handle type(H5Aget_type(one.id()), H5Tclose), other_type(H5Aget_type(other.id()), H5Tclose);
  const Handle space(H5Aget_space(one.id()), H5Sclose),
      other_space(H5Aget_space(other.id()), H5Sclose);
  if (H5Tequal(type.id(), other_type.id()) <= 0 ||
      H5Sextent_equal(space.id(), other_space.id()) <= 0)
    return false;
  const bool are_texts = H5Tis_variable_str(type.id()) > 0;
  if (!are_texts && H5Tdetect_class(type.id(), H5T_VLEN) > 0) return false;
  const AttributeValue left(one, a.place()), right(other, b.place());
  return are_texts ? left.texts() == right.texts() : left.bytes() == right.bytes();
}

void Writer::copy_attributes(const Array& from, const std::string& object) {
  copy_attributes(from, object, attribute_names(from));
}

void Writer::copy_attributes(const Array& from, const std::string& object,
                             std::span<const std::string> names) {
  const Lock lock;
  for (const std::string& name : names)
    copy_attribute(open_attribute(from, name), from.place(), object);
}

void Writer::copy_attribute(const Handle& from, const std::string& place,
                            const std::string& object) {
  const Lock lock;
  const Handle type(H5Aget_type(from.id()), H5Tclose), space(H5Aget_space(from.id()), H5Sclose);
  const AttributeValue value(from, place);
  write_attribute(object, attribute_name(from), type, space, value.data());
}

}  // namespace lucid::hdf5
