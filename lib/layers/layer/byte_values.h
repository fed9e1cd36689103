#pragma once

#include "plan/recording.h"
#include "tensor/byte_scale.h"

// Bytes lie in blocks of 16 channels, or with the channels last where there are fewer: the order
// in which convolutions of bytes read them. A value of bytes stands for numbers by a scale, which
// whoever records steps knows from the node that made it.
namespace lucid {

inline bool holds_bytes(const Layout& layout) { return onednn::data_type(layout) == onednn::kByte; }

Layout byte_layout(const Layout& layout);  // of a value with these extents

// Records the conversion of a value of floats, or of one of bytes.
Value to_bytes(Recording& recording, const std::string& node, Value value, ByteScale scale);
Value to_floats(Recording& recording, const std::string& node, Value value, ByteScale scale);

}  // namespace lucid
