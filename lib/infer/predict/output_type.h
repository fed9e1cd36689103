#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/hdf5/write.h"
#include "infer/predict/activation.h"

namespace lucid {

// The element type of written predictions. Probabilities are scaled for kUint8: 255 means 1.
enum class OutputType { kFloat32, kFloat16, kUint8, kUint16, kInt32 };

const std::vector<std::string>& output_type_names();  // in the order of the enum
OutputType output_type_named(const std::string& name);

// Converts activated predictions to the type in which they are written.
class OutputFormat {
 public:
  // Defaults to int32 for argmax, otherwise float32. Throws Error(kUsage) if the type cannot hold
  // the activation's values for this number of channels.
  OutputFormat(std::optional<OutputType> type, Activation activation, Shape::Extent channels);

  OutputType type() const { return type_; }
  Activation activation() const { return activation_; }
  std::size_t element_bytes() const;
  std::optional<ElementType> element() const;  // none for float16
  double scale() const;                        // value = scale * written
  // Rounds to nearest and clamps to the range of the type.
  void convert(std::span<const float> values, std::byte* out) const;

  void create(hdf5::Writer& writer, const std::string& path, const Shape& shape,
              const hdf5::Storage& storage) const;
  // Writes the attributes that describe the type and the activation.
  void describe(hdf5::Writer& writer, const std::string& path) const;

 private:
  bool is_scaled() const;

  OutputType type_;
  Activation activation_;
};

}  // namespace lucid
