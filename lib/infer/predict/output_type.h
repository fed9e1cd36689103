#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/hdf5/write.h"
#include "infer/predict/activation.h"

namespace lucid {

// What predictions are written as. Probabilities as kUint8 are scaled: 255 is one.
enum class OutputType { kFloat32, kFloat16, kUint8, kUint16, kInt32 };

const std::vector<std::string>& output_type_names();  // in the order of the enum
OutputType output_type_named(const std::string& name);

// Predictions behind an activation as they are written.
class OutputFormat {
 public:
  // Without a type: int32 of argmax, else float32. Throws Error(kUsage) where the type cannot hold
  // what the activation makes of so many channels.
  OutputFormat(std::optional<OutputType> type, Activation activation, Shape::Extent channels);

  OutputType type() const { return type_; }
  Activation activation() const { return activation_; }
  std::size_t element_bytes() const;
  // Rounded to nearest; what lies outside of the type's range becomes its end.
  void convert(std::span<const float> values, std::byte* out) const;

  void create(hdf5::Writer& writer, const std::string& path, const Shape& shape,
              const hdf5::Storage& storage) const;
  void describe(hdf5::Writer& writer, const std::string& path) const;  // its attributes

 private:
  bool is_scaled() const;

  OutputType type_;
  Activation activation_;
};

}  // namespace lucid
