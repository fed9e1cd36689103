#pragma once
// Private to this room.

#include <nifti2_io.h>

#include <array>

#include "data/array/elements.h"

namespace lucid {

// A data type of NIfTI that is read and written.
struct NiftiType {
  int code;
  ElementType element;
};
inline constexpr std::array<NiftiType, 10> kNiftiTypes{{{DT_UINT8, ElementType::kUint8},
                                                        {DT_INT8, ElementType::kInt8},
                                                        {DT_INT16, ElementType::kInt16},
                                                        {DT_UINT16, ElementType::kUint16},
                                                        {DT_INT32, ElementType::kInt32},
                                                        {DT_UINT32, ElementType::kUint32},
                                                        {DT_INT64, ElementType::kInt64},
                                                        {DT_UINT64, ElementType::kUint64},
                                                        {DT_FLOAT32, ElementType::kFloat32},
                                                        {DT_FLOAT64, ElementType::kFloat64}}};

}  // namespace lucid
