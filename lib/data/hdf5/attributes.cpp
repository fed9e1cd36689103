#include <hdf5.h>

#include <concepts>
#include <utility>

#include "data/hdf5/file.h"
#include "data/hdf5/open.h"
#include "data/hdf5/types.h"

namespace lucid::hdf5 {
namespace {

// Returns a closed handle if there is no attribute of the name.
Handle open_attribute(const Handle& file, const std::string& object, const std::string& name) {
  const char* path = object.empty() ? "/" : object.c_str();
  const htri_t exists = H5Aexists_by_name(file.id(), path, name.c_str(), H5P_DEFAULT);
  if (exists < 0) check_failure(file, object);
  if (exists <= 0) return {};
  Handle attribute(H5Aopen_by_name(file.id(), path, name.c_str(), H5P_DEFAULT, H5P_DEFAULT),
                   H5Aclose);
  if (!attribute.is_open()) check_failure(file, object);
  return attribute;
}

std::string place_of(const std::filesystem::path& file, const std::string& object,
                     const std::string& name) {
  return file.string() + ": " + object + ": attribute '" + name + "'";
}

Handle type_of(const Handle& attribute) { return {H5Aget_type(attribute.id()), H5Tclose}; }

std::size_t element_count(const Handle& attribute) {
  const Handle space(H5Aget_space(attribute.id()), H5Sclose);
  const hssize_t count = H5Sget_simple_extent_npoints(space.id());
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

std::size_t count_of(const Handle& attribute, const std::string& place) {
  attribute_bytes(attribute, place);
  return element_count(attribute);
}

// The class of the HDF5 types that T is read from, and how messages name one value and several.
template <class T>
struct AttributeType;
template <>
struct AttributeType<std::string> {
  static constexpr H5T_class_t kClass = H5T_STRING;
  static constexpr const char *kOne = "text", *kMany = "texts", *kValue = "text";
};
template <>
struct AttributeType<std::int64_t> {
  static constexpr H5T_class_t kClass = H5T_INTEGER;
  static constexpr const char *kOne = "an integer", *kMany = "integers", *kValue = "value";
};
template <>
struct AttributeType<double> {
  static constexpr H5T_class_t kClass = H5T_FLOAT;
  static constexpr const char *kOne = "a number", *kMany = "numbers", *kValue = "value";
};

void expect_class(const Handle& attribute, H5T_class_t wanted, const char* what,
                  const std::string& place) {
  const H5T_class_t found = H5Tget_class(type_of(attribute).id());
  const bool is_fit = found == wanted || (wanted == H5T_FLOAT && found == H5T_INTEGER);
  if (!is_fit) throw Error(ExitCode::kData, place + ": expected " + what + ", found another type");
}

std::vector<std::string> read_texts(const Handle& attribute, const std::string& place) {
  const Handle stored = type_of(attribute);
  const Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_cset(type.id(), H5Tget_cset(stored.id()));
  std::vector<std::string> texts(count_of(attribute, place));
  if (texts.empty()) return texts;
  if (H5Tis_variable_str(stored.id()) > 0) {
    H5Tset_size(type.id(), H5T_VARIABLE);
    std::vector<char*> pointers(texts.size(), nullptr);
    checked(H5Aread(attribute.id(), type.id(), pointers.data()), ExitCode::kData, place,
            "cannot be read");
    for (std::size_t i = 0; i < texts.size(); ++i) {
      texts[i] = pointers[i] == nullptr ? "" : pointers[i];
      H5free_memory(pointers[i]);
    }
    return texts;
  }
  const std::size_t size = H5Tget_size(stored.id()) + 1;
  std::vector<char> bytes(size * texts.size());
  H5Tset_size(type.id(), size);
  checked(H5Aread(attribute.id(), type.id(), bytes.data()), ExitCode::kData, place,
          "cannot be read");
  for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = &bytes[i * size];
  return texts;
}

template <class T>
std::vector<T> read_values(const Handle& attribute, const std::string& place) {
  if constexpr (std::same_as<T, std::string>) {
    return read_texts(attribute, place);
  } else {
    std::vector<T> values(count_of(attribute, place));
    if (!values.empty())
      checked(H5Aread(attribute.id(), native_type(element_of<T>()), values.data()), ExitCode::kData,
              place, "cannot be read");
    return values;
  }
}

}  // namespace

std::size_t attribute_bytes(const Handle& attribute, const std::string& place) {
  const Handle file(H5Iget_file_id(attribute.id()), H5Fclose);
  hsize_t file_bytes = 0;
  const bool is_sized = file.is_open() && H5Fget_filesize(file.id(), &file_bytes) >= 0;
  const std::size_t element = H5Tget_size(type_of(attribute).id());
  const std::size_t count = element_count(attribute);
  // A text of variable length takes no bytes while it is empty, but its reference does.
  if (is_sized && element > 0 && count > file_bytes / element)
    throw Error(ExitCode::kData, place + ": expected a value within the file, found " +
                                     std::to_string(count) + " elements");
  return count * element;
}

template <class T>
std::optional<T> File::attribute(const std::string& object, const std::string& name) const {
  using Type = AttributeType<T>;
  const Lock lock;
  const Handle attribute = open_attribute(file_, object, name);
  if (!attribute.is_open()) return std::nullopt;
  const std::string place = place_of(path_, object, name);
  expect_class(attribute, Type::kClass, Type::kOne, place);
  const std::size_t count = element_count(attribute);
  if (count != 1)
    throw Error(ExitCode::kData,
                place + ": expected one " + Type::kValue + ", found " + std::to_string(count));
  return read_values<T>(attribute, place).front();
}

template <class T>
std::vector<T> File::attribute_list(const std::string& object, const std::string& name) const {
  using Type = AttributeType<T>;
  const Lock lock;
  const Handle attribute = open_attribute(file_, object, name);
  if (!attribute.is_open()) return {};
  const std::string place = place_of(path_, object, name);
  expect_class(attribute, Type::kClass, Type::kMany, place);
  return read_values<T>(attribute, place);
}

template std::optional<std::string> File::attribute(const std::string&, const std::string&) const;
template std::optional<std::int64_t> File::attribute(const std::string&, const std::string&) const;
template std::optional<double> File::attribute(const std::string&, const std::string&) const;
template std::vector<std::string> File::attribute_list(const std::string&,
                                                       const std::string&) const;
template std::vector<std::int64_t> File::attribute_list(const std::string&,
                                                        const std::string&) const;
template std::vector<double> File::attribute_list(const std::string&, const std::string&) const;

}  // namespace lucid::hdf5
