#include "data/volumes/value_rule.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "kernels/simd/clones.h"
#include "kernels/simd/finite.h"

namespace lucid {
namespace {

// Count what is refused; without branches, so that the compiler can vectorize them.
LUCID_CLONED(int, count_no_shares, (const float* values, std::size_t count, float ignored),
             (values, count, ignored)) {
  int wrong = 0;
#pragma omp simd reduction(+ : wrong)
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_right = ((values[i] >= 0.F) & (values[i] <= 1.F)) | (values[i] == ignored);
    wrong += is_right ? 0 : 1;
  }
  return wrong;
}

LUCID_CLONED(int, count_no_classes,
             (const float* values, std::size_t count, float classes, float ignored),
             (values, count, classes, ignored)) {
  int wrong = 0;
#pragma omp simd reduction(+ : wrong)
  for (std::size_t i = 0; i < count; ++i) {
    const float value = values[i];
    const float safe = std::min(std::max(0.F, value), classes);  // can be converted, also a NaN
    const auto whole = static_cast<float>(static_cast<std::int32_t>(safe));
    const bool is_right = ((value == whole) & (value < classes)) | (value == ignored);
    wrong += is_right ? 0 : 1;
  }
  return wrong;
}

bool holds_refused(std::span<const float> values, const ValueRule& rule) {
  if (rule.kind == ValueRule::Kind::kFinite) return !is_finite(values);
  const float ignored = static_cast<float>(rule.ignored ? static_cast<double>(*rule.ignored)
                                                        : std::numeric_limits<double>::quiet_NaN());
  if (rule.kind == ValueRule::Kind::kShare)
    return count_no_shares(values.data(), values.size(), ignored) > 0;
  return count_no_classes(values.data(), values.size(), static_cast<float>(rule.classes), ignored) >
         0;
}

}  // namespace

std::string ValueRule::expected() const {
  if (kind == Kind::kFinite) return "a finite number";
  std::string text = kind == Kind::kShare ? "a number from 0 to 1"
                                          : "a class from 0 to " + std::to_string(classes - 1);
  const std::int64_t most = kind == Kind::kShare ? 1 : classes - 1;
  if (ignored && (*ignored < 0 || *ignored > most))
    text += " or " + std::to_string(*ignored) + " (ignore_index)";
  return text;
}

std::size_t find_refused(std::span<const float> values, const ValueRule& rule) {
  if (!holds_refused(values, rule)) return values.size();
  ValueRule as_floats = rule;
  if (rule.ignored)
    as_floats.ignored = static_cast<std::int64_t>(static_cast<float>(*rule.ignored));
  return static_cast<std::size_t>(
      std::ranges::find_if(values, [&](float value) { return as_floats.refuses(value); }) -
      values.begin());
}

void refuse(const StoredValue& found, const ValueRule& rule) {
  const std::string text = found.place + ": expected " + rule.expected() + ", found " + found.value;
  if (rule.kind != ValueRule::Kind::kFinite) throw Error(ExitCode::kData, text);
  throw Error(ExitCode::kDiverged,
              text + "; the data is at fault, not the learning rate: correct it or leave it out");
}

}  // namespace lucid
