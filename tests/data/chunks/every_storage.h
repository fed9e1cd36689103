#pragma once

#include "data/chunks/stored_x.h"

// The types and storages that HDF5 can write without plugins.
namespace lucid::test {

// Returns a float of these bits: sign, exponent and mantissa from high to low.
inline hid_t float_of(std::size_t bytes, std::size_t exponent, std::size_t mantissa,
                      std::size_t bias, H5T_order_t order) {
  const hid_t type = H5Tcopy(bytes <= 4 ? H5T_IEEE_F32LE : H5T_IEEE_F64LE);
  H5Tset_fields(type, exponent + mantissa, mantissa, exponent, 0, mantissa);
  H5Tset_size(type, bytes);
  H5Tset_ebias(type, bias);
  H5Tset_order(type, order);
  return type;
}

// Returns an integer of `bits` that begin at bit `offset` of `bytes`; the others are padded.
inline hid_t integer_of(hid_t like, std::size_t bytes, std::size_t bits, std::size_t offset,
                        H5T_pad_t padding = H5T_PAD_ZERO) {
  const hid_t type = H5Tcopy(like);
  H5Tset_size(type, bytes);
  H5Tset_precision(type, bits);
  H5Tset_offset(type, offset);
  H5Tset_pad(type, padding, padding);
  return type;
}

struct NamedType {
  const char* name;  // as ArrayInfo::type says it
  hid_t id;
  const char* element;  // the type in memory
};

inline std::vector<NamedType> plain_types() {
  return {
      {"int8", H5T_STD_I8LE, "int8"},         {"int8", H5T_STD_I8BE, "int8"},
      {"uint8", H5T_STD_U8LE, "uint8"},       {"uint8", H5T_STD_U8BE, "uint8"},
      {"int16", H5T_STD_I16LE, "int16"},      {"int16 big-endian", H5T_STD_I16BE, "int16"},
      {"uint16", H5T_STD_U16LE, "uint16"},    {"uint16 big-endian", H5T_STD_U16BE, "uint16"},
      {"int32", H5T_STD_I32LE, "int32"},      {"int32 big-endian", H5T_STD_I32BE, "int32"},
      {"uint32", H5T_STD_U32LE, "uint32"},    {"uint32 big-endian", H5T_STD_U32BE, "uint32"},
      {"int64", H5T_STD_I64LE, "int64"},      {"int64 big-endian", H5T_STD_I64BE, "int64"},
      {"uint64", H5T_STD_U64LE, "uint64"},    {"uint64 big-endian", H5T_STD_U64BE, "uint64"},
      {"float32", H5T_IEEE_F32LE, "float32"}, {"float32 big-endian", H5T_IEEE_F32BE, "float32"},
      {"float64", H5T_IEEE_F64LE, "float64"}, {"float64 big-endian", H5T_IEEE_F64BE, "float64"}};
}

// Types that HDF5 has to convert.
inline std::vector<NamedType> odd_types() {
  constexpr auto kLittle = H5T_ORDER_LE, kBig = H5T_ORDER_BE;
  return {{"float16", float_of(2, 5, 10, 15, kLittle), "float32"},
          {"float16 big-endian", float_of(2, 5, 10, 15, kBig), "float32"},
          {"bfloat16", float_of(2, 8, 7, 127, kLittle), "float32"},
          {"bfloat16 big-endian", float_of(2, 8, 7, 127, kBig), "float32"},
          {"float24 of 7 and 16 bits", float_of(3, 7, 16, 63, kLittle), "float32"},
          {"float32 big-endian of 11 and 20 bits", float_of(4, 11, 20, 1023, kBig), "float64"},
          {"uint8 of 7 bits", integer_of(H5T_STD_U8BE, 1, 7, 1), "uint8"},
          {"uint16 of 12 bits", integer_of(H5T_STD_U16LE, 2, 12, 0), "uint16"},
          {"uint16 big-endian of 12 bits", integer_of(H5T_STD_U16BE, 2, 12, 4), "uint16"},
          {"int16 of 12 bits", integer_of(H5T_STD_I16LE, 2, 12, 3, H5T_PAD_ONE), "int16"},
          {"int24", integer_of(H5T_STD_I32LE, 3, 24, 0), "int32"},
          {"uint24 big-endian", integer_of(H5T_STD_U32BE, 3, 24, 0), "uint32"},
          {"uint32 of 8 bits", integer_of(H5T_STD_U32LE, 4, 8, 9), "uint8"},
          {"int40", integer_of(H5T_STD_I64LE, 5, 40, 0), "int64"},
          {"uint128 of 64 bits", integer_of(H5T_STD_U64LE, 16, 64, 5), "uint64"},
          {"float128 of 15 and 64 bits", H5Tcopy(H5T_NATIVE_LDOUBLE), "float64"}};
}

struct NamedStorage {
  const char* name;
  Setting set;
  bool takes_floats = true;
};

inline void fletcher(hid_t creation) { H5Pset_fletcher32(creation); }
inline void edges_unfiltered(hid_t creation) {
  both(creation);
  H5Pset_chunk_opts(creation, H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS);
}
inline Setting in_order(std::vector<Setting> filters) {
  return [=](hid_t creation) {
    for (const Setting& filter : filters) filter(creation);
  };
}

inline std::vector<NamedStorage> every_storage() {
  const Setting scale_offset = [](hid_t of) { H5Pset_scaleoffset(of, H5Z_SO_INT, 0); };
  return {{"contiguous", [](hid_t) {}},
          {"compact", [](hid_t creation) { H5Pset_layout(creation, H5D_COMPACT); }},
          {"chunks", chunks({4, 3, 8})},
          {"chunks of one", chunks({1, 1, 1})},
          {"deflate", chunks({4, 3, 8}, deflate)},
          {"shuffle", chunks({3, 9, 4}, shuffle)},
          {"shuffle, deflate", chunks({5, 4, 8}, both)},
          {"one chunk", chunks({7, 10, 13}, both)},
          {"deflate, shuffle", chunks({4, 3, 8}, in_order({deflate, shuffle}))},
          {"deflate twice", chunks({4, 3, 8}, in_order({deflate, deflate}))},
          {"shuffle twice", chunks({4, 3, 8}, in_order({shuffle, shuffle}))},
          {"fletcher32", chunks({4, 3, 8}, fletcher)},
          {"shuffle, deflate, fletcher32", chunks({4, 3, 8}, in_order({both, fletcher}))},
          {"fletcher32, deflate", chunks({4, 3, 8}, in_order({fletcher, deflate}))},
          {"n-bit", chunks({4, 3, 8}, [](hid_t creation) { H5Pset_nbit(creation); })},
          {"scale-offset", chunks({4, 3, 8}, scale_offset), false},
          {"edges without filters", chunks({4, 3, 8}, edges_unfiltered)}};
}

}  // namespace lucid::test
