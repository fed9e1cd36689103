#include "data/hdf5/types.h"

#include <hdf5.h>

#include <array>

namespace lucid::hdf5 {
namespace {

std::string class_text(H5T_class_t type) {
  switch (type) {
    case H5T_STRING:
      return "string";
    case H5T_BITFIELD:
      return "bit field";
    case H5T_OPAQUE:
      return "opaque";
    case H5T_COMPOUND:
      return "compound";
    case H5T_REFERENCE:
      return "reference";
    case H5T_VLEN:
      return "lists of varying length";
    case H5T_ARRAY:
      return "arrays";
    case H5T_TIME:
      return "time";
    default:
      return "unknown";
  }
}

std::string filter_text(const Handle& creation, unsigned index) {
  std::array<char, 64> name{};
  std::array<unsigned, 16> values{};
  std::size_t count = values.size();
  const H5Z_filter_t filter = H5Pget_filter2(creation.id(), index, nullptr, &count, values.data(),
                                             name.size() - 1, name.data(), nullptr);
  std::string text = name[0] != '\0' ? name.data() : "filter " + std::to_string(filter);
  if (filter == H5Z_FILTER_DEFLATE && count > 0) text += " " + std::to_string(values[0]);
  return text;
}

std::string chunk_text(const Handle& creation) {
  std::array<hsize_t, H5S_MAX_RANK> extents{};
  const int rank = H5Pget_chunk(creation.id(), H5S_MAX_RANK, extents.data());
  std::string text = "chunks ";
  for (int i = 0; i < rank; ++i)
    text += (i > 0 ? "x" : "") + std::to_string(extents[static_cast<std::size_t>(i)]);
  return text;
}

}  // namespace

std::int64_t native_type(ElementType type) {
  switch (type) {
    case ElementType::kInt8:
      return H5T_NATIVE_INT8;
    case ElementType::kInt16:
      return H5T_NATIVE_INT16;
    case ElementType::kInt32:
      return H5T_NATIVE_INT32;
    case ElementType::kInt64:
      return H5T_NATIVE_INT64;
    case ElementType::kUint8:
      return H5T_NATIVE_UINT8;
    case ElementType::kUint16:
      return H5T_NATIVE_UINT16;
    case ElementType::kUint32:
      return H5T_NATIVE_UINT32;
    case ElementType::kUint64:
      return H5T_NATIVE_UINT64;
    case ElementType::kFloat32:
      return H5T_NATIVE_FLOAT;
    case ElementType::kFloat64:
      break;
  }
  return H5T_NATIVE_DOUBLE;
}

std::optional<ElementType> element_for(const Handle& type) {
  const std::size_t bytes = H5Tget_size(type.id());
  switch (H5Tget_class(type.id())) {
    case H5T_ENUM:
      return element_for(Handle(H5Tget_super(type.id()), H5Tclose));
    case H5T_FLOAT:
      return bytes <= 4 ? ElementType::kFloat32 : ElementType::kFloat64;
    case H5T_INTEGER:
      break;
    default:
      return std::nullopt;
  }
  const bool is_signed = H5Tget_sign(type.id()) == H5T_SGN_2;
  if (bytes == 1) return is_signed ? ElementType::kInt8 : ElementType::kUint8;
  if (bytes == 2) return is_signed ? ElementType::kInt16 : ElementType::kUint16;
  if (bytes <= 4) return is_signed ? ElementType::kInt32 : ElementType::kUint32;
  if (bytes <= 8) return is_signed ? ElementType::kInt64 : ElementType::kUint64;
  return std::nullopt;
}

StoredForm stored_form(const Handle& type, ElementType element) {
  const bool is_enum = H5Tget_class(type.id()) == H5T_ENUM;
  const Handle number(is_enum ? H5Tget_super(type.id()) : H5Tcopy(type.id()), H5Tclose);
  const hid_t native = native_type(element);
  if (H5Tequal(number.id(), native) > 0) return StoredForm::kSame;
  const bool is_turned = H5Tset_order(number.id(), H5Tget_order(native)) >= 0;
  return is_turned && H5Tequal(number.id(), native) > 0 ? StoredForm::kOtherByteOrder
                                                        : StoredForm::kOther;
}

Handle space_of(const std::vector<std::int64_t>& extents) {
  if (extents.empty()) return {H5Screate(H5S_SCALAR), H5Sclose};
  const std::vector<hsize_t> sizes(extents.begin(), extents.end());
  return {H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr), H5Sclose};
}

std::string attribute_name(const Handle& attribute) {
  std::string name(static_cast<std::size_t>(H5Aget_name(attribute.id(), 0, nullptr)) + 1, '\0');
  H5Aget_name(attribute.id(), name.size(), name.data());
  name.pop_back();
  return name;
}

std::string type_text(const Handle& type) {
  const H5T_class_t kind = H5Tget_class(type.id());
  if (kind == H5T_ENUM) return "enum of " + type_text(Handle(H5Tget_super(type.id()), H5Tclose));
  if (kind != H5T_INTEGER && kind != H5T_FLOAT) return class_text(kind);
  const std::size_t bytes = H5Tget_size(type.id());
  const bool is_signed = kind == H5T_FLOAT || H5Tget_sign(type.id()) == H5T_SGN_2;
  std::string text = kind == H5T_FLOAT ? "float" : is_signed ? "int" : "uint";
  text += std::to_string(8 * bytes);
  if (bytes > 1 && H5Tget_order(type.id()) == H5T_ORDER_BE) text += " big-endian";
  return text;
}

std::string storage_text(const Handle& dataset) {
  const Handle creation(H5Dget_create_plist(dataset.id()), H5Pclose);
  if (H5Pget_external_count(creation.id()) > 0) return "external files";
  switch (H5Pget_layout(creation.id())) {
    case H5D_COMPACT:
      return "compact";
    case H5D_CONTIGUOUS:
      return "contiguous";
    case H5D_VIRTUAL:
      return "virtual";
    default:
      break;
  }
  std::string text = chunk_text(creation);
  const int filters = H5Pget_nfilters(creation.id());
  for (int i = 0; i < filters; ++i) text += ", " + filter_text(creation, static_cast<unsigned>(i));
  return text;
}

}  // namespace lucid::hdf5
