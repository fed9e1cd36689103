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

// Float32 unless the type has more digits, or numbers that are larger or closer to 0.
std::optional<ElementType> float_for(const Handle& type) {
  constexpr std::size_t kDigits = 23, kMostExponent = 127, kLeastPlace = 149;
  std::size_t sign = 0, exponent_at = 0, exponent = 0, mantissa_at = 0, mantissa = 0;
  if (H5Tget_fields(type.id(), &sign, &exponent_at, &exponent, &mantissa_at, &mantissa) < 0)
    return std::nullopt;
  const std::size_t bias = H5Tget_ebias(type.id());
  const bool is_small = exponent <= 8 && mantissa <= kDigits &&
                        (std::size_t{1} << exponent) <= bias + 2 + kMostExponent &&
                        bias + mantissa <= kLeastPlace + 1;
  return is_small ? ElementType::kFloat32 : ElementType::kFloat64;
}

std::string order_text(const Handle& type) {
  const H5T_order_t order = H5Tget_order(type.id());
  if (order == H5T_ORDER_VAX) return " VAX";
  return order == H5T_ORDER_BE && H5Tget_size(type.id()) > 1 ? " big-endian" : "";
}

// Names floats other than those of IEEE by the bits of their exponent and mantissa.
std::string float_text(const Handle& type, const std::string& bits) {
  std::size_t sign = 0, exponent_at = 0, exponent = 0, mantissa_at = 0, mantissa = 0;
  H5Tget_fields(type.id(), &sign, &exponent_at, &exponent, &mantissa_at, &mantissa);
  const std::string fields = std::to_string(exponent) + " and " + std::to_string(mantissa);
  if (bits == "16" && fields == "8 and 7") return "bfloat16" + order_text(type);
  const bool is_usual = (bits == "16" && fields == "5 and 10") ||
                        (bits == "32" && fields == "8 and 23") ||
                        (bits == "64" && fields == "11 and 52");
  return "float" + bits + order_text(type) + (is_usual ? "" : " of " + fields + " bits");
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
  switch (H5Tget_class(type.id())) {
    case H5T_ENUM:
      return element_for(Handle(H5Tget_super(type.id()), H5Tclose));
    case H5T_FLOAT:
      return float_for(type);
    case H5T_INTEGER:
      break;
    default:
      return std::nullopt;
  }
  const std::size_t bits = H5Tget_precision(type.id());
  const H5T_sign_t sign = H5Tget_sign(type.id());
  if (bits == 0 || sign < 0) return std::nullopt;
  const bool is_signed = sign == H5T_SGN_2;
  if (bits <= 8) return is_signed ? ElementType::kInt8 : ElementType::kUint8;
  if (bits <= 16) return is_signed ? ElementType::kInt16 : ElementType::kUint16;
  if (bits <= 32) return is_signed ? ElementType::kInt32 : ElementType::kUint32;
  if (bits <= 64) return is_signed ? ElementType::kInt64 : ElementType::kUint64;
  return std::nullopt;
}

StoredForm stored_form(const Handle& type, ElementType element) {
  const bool is_enum = H5Tget_class(type.id()) == H5T_ENUM;
  const Handle number(is_enum ? H5Tget_super(type.id()) : H5Tcopy(type.id()), H5Tclose);
  const hid_t native = native_type(element);
  if (H5Tequal(number.id(), native) > 0) return StoredForm::kSame;
  const H5T_order_t order = H5Tget_order(number.id());
  if (order != H5T_ORDER_LE && order != H5T_ORDER_BE) return StoredForm::kOther;
  if (H5Tset_order(number.id(), H5Tget_order(native)) < 0 || H5Tequal(number.id(), native) <= 0)
    return StoredForm::kOther;
  return element_bytes(element) == 1 ? StoredForm::kSame : StoredForm::kOtherByteOrder;
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
  const std::string bits = std::to_string(8 * H5Tget_size(type.id()));
  if (kind == H5T_FLOAT) return float_text(type, bits);
  const bool is_signed = H5Tget_sign(type.id()) == H5T_SGN_2;
  const std::string used = std::to_string(H5Tget_precision(type.id()));
  return (is_signed ? "int" : "uint") + bits + order_text(type) +
         (used == bits ? "" : " of " + used + " bits");
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
