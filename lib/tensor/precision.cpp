#include "tensor/precision.h"

#include <algorithm>

#include "base/error.h"
#include "tensor/onednn.h"

namespace lucid {

const std::vector<std::string>& precision_names() {
  static const std::vector<std::string> names{"float32", "bfloat16", "int8"};
  return names;
}

const std::vector<std::string>& training_precision_names() {
  static const std::vector<std::string> names{"float32", "bfloat16"};
  return names;
}

Precision precision_named(const std::string& name) {
  const auto at = std::ranges::find(precision_names(), name);
  return static_cast<Precision>(at - precision_names().begin());
}

Precision usable_precision(const std::string& argument, const std::string& name) {
  const Precision precision = precision_named(name);
  const std::string error = precision_error(precision);
  if (!error.empty()) throw Error(ExitCode::kUsage, argument + ": " + error);
  return precision;
}

std::string precision_error(Precision precision) {
  if (precision == Precision::kFloat32) return "";
  if (precision == Precision::kInt8)
    return onednn::has_vnni() ? ""
                              : "expected 'float32' on a processor without AVX512_VNNI, found "
                                "'int8'; this one has " +
                                    onednn::instruction_set_name();
  if (onednn::has_bfloat16()) return "";
  return "expected 'float32' on a processor without AVX512_BF16 or AMX, found 'bfloat16'; this one "
         "has " +
         onednn::instruction_set_name();
}

}  // namespace lucid
