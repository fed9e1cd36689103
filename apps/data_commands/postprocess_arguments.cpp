#include "data_commands/postprocess_arguments.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/text.h"

namespace lucid {
namespace {

template <class T>
bool reads(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

[[noreturn]] void refuse_merge(const std::string& text) {
  throw Error(
      ExitCode::kUsage,
      "--merge: expected labels and the one they become, as 2,3=1, found " + in_quotes(text));
}

Label label_of(std::string_view word, const std::string& text) {
  Label label = 0;
  if (!reads(word, label) || label < 0) refuse_merge(text);
  return label;
}

}  // namespace

std::map<Label, Label> parse_merges(const std::vector<std::string>& texts) {
  std::map<Label, Label> names;
  for (const std::string& text : texts) {
    const std::vector<std::string> sides = split(text, '=');
    if (sides.size() != 2) refuse_merge(text);
    for (const std::string& word : split(sides[0], ',')) {
      const Label label = label_of(word, text);
      if (!names.emplace(label, label_of(sides[1], text)).second)
        throw Error(ExitCode::kUsage,
                    "--merge: label " + std::to_string(label) + " is given twice");
    }
  }
  return names;
}

LeastSize parse_least_size(const std::string& text) {
  constexpr double kMm3PerMl = 1000, kMost = 1e15;
  LeastSize least;
  std::string number = text;
  double unit = 1;
  for (const auto& [name, factor] : {std::pair{"mm3", 1.0}, std::pair{"ml", kMm3PerMl}})
    if (text.ends_with(name)) {
      number.resize(text.size() - std::string_view(name).size());
      unit = factor;
      least.is_voxels = false;
    }
  const bool is_number = reads(number, least.size) && least.size >= 0 && least.size <= kMost;
  if (!is_number || (least.is_voxels && least.size != std::floor(least.size)))
    throw Error(ExitCode::kUsage,
                "--min-size: expected voxels, mm3 or ml, as 50, 30mm3 or 0.03ml, "
                "found " +
                    in_quotes(text));
  least.size *= unit;
  return least;
}

std::int64_t LeastSize::voxels(double voxel_mm3) const {
  // A component of exactly the size stays, whatever the digits of the voxel size.
  constexpr double kRounding = 1e-6;
  const double count = is_voxels ? size : std::ceil(size / voxel_mm3 - kRounding);
  return static_cast<std::int64_t>(std::min(count, 0x1p62));
}

}  // namespace lucid
