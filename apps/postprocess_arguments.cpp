#include "postprocess_arguments.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/registry.h"
#include "base/text.h"
#include "data/volumes/label_merges.h"

namespace lucid {
namespace {

enum class Takes { kNothing, kPerhapsValue, kValue };

struct NamedRule {
  const char* name;
  Takes takes;
};

// In the order in which they are applied; connectivity is part of the others, and the last two are
// other names.
constexpr std::array kRules = {
    NamedRule{"merge", Takes::kValue},        NamedRule{"min-size", Takes::kValue},
    NamedRule{"keep-largest", Takes::kValue}, NamedRule{"fill-holes", Takes::kPerhapsValue},
    NamedRule{"components", Takes::kNothing}, NamedRule{"connectivity", Takes::kValue},
    NamedRule{"smallest", Takes::kValue},     NamedRule{"largest", Takes::kValue},
};

constexpr double kMostSize = 1e15;
constexpr Label kMostLabels = 65536;  // of a range: as many as uint16 has

template <class T>
bool reads(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

std::optional<Label> label_of(std::string_view word) {
  const auto label = parse_label(word);
  if (!label || !std::in_range<Label>(*label)) return std::nullopt;
  return static_cast<Label>(*label);
}

// The labels of "7" or "2-54"; nothing if it is neither, or more than kMostLabels.
std::vector<Label> labels_of(const std::string& word) {
  const auto range = parse_labels(word);
  if (!range || !std::in_range<Label>(range->last) || range->last - range->first >= kMostLabels)
    return {};
  std::vector<Label> all(static_cast<std::size_t>(range->last - range->first + 1));
  std::iota(all.begin(), all.end(), static_cast<Label>(range->first));
  return all;
}

}  // namespace

void PostprocessArguments::add(const std::string& rule) {
  const auto equals = rule.find('=');
  const std::string name = rule.substr(0, equals);
  const NamedRule* known = find_named(kRules, name);
  if (known == nullptr)
    throw Error(ExitCode::kUsage,
                prefix_ + in_quotes(rule) + ": " + no_such("rule", name, names_of(kRules)));
  const bool has_value = equals != std::string::npos;
  if (known->takes == Takes::kNothing && has_value)
    refuse(name, "no value", rule.substr(equals + 1));
  if (known->takes == Takes::kValue && !has_value)
    throw Error(ExitCode::kUsage,
                prefix_ + name + ": expected a value, as " + name + "=VALUE, found none");
  add(name, has_value ? rule.substr(equals + 1) : std::string());
}

void PostprocessArguments::add(const std::string& name, const std::string& value) {
  if (name == "largest") return add("keep-largest", value);
  if (!given_.insert(name).second && name != "merge")
    throw Error(ExitCode::kUsage, prefix_ + name + ": is given twice");
  if (name == "merge") add_merge(value);
  if (name == "min-size") rules_.min_size = least_size(value);
  if (name == "smallest") rules_.min_size = mm3_size(value);
  if (name == "keep-largest") add_keep_largest(value);
  if (name == "fill-holes") add_fill_holes(value);
  if (name == "components") rules_.steps.number_components = true;
  if (name == "connectivity") rules_.steps.connectivity = connectivity(value);
}

const PostprocessRules& PostprocessArguments::rules(const std::string& place) const {
  if (!rules_.is_empty()) return rules_;
  const auto named = [&](const std::string& name) { return prefix_ + name; };
  throw Error(ExitCode::kUsage, place + ": expected one of " + named("merge") + ", " +
                                    named("min-size") + ", " + named("keep-largest") + ", " +
                                    named("fill-holes") + " and " + named("components") +
                                    ", found none; see " + place + " --help");
}

void PostprocessArguments::add_merge(const std::string& value) {
  const std::vector<std::string> sides = split(value, value.find(':') < value.size() ? ':' : '=');
  const auto become = sides.size() == 2 ? label_of(sides[1]) : std::nullopt;
  const auto refuse_value = [&] {
    refuse("merge", "labels and the one they become, as 2,3:1 or 2-9=1", value);
  };
  if (!become) refuse_value();
  for (const std::string& word : split(sides[0], ',')) {
    const std::vector<Label> merged = labels_of(word);
    if (merged.empty()) refuse_value();
    for (const Label label : merged)
      if (!rules_.steps.relabel.emplace(label, *become).second)
        throw Error(ExitCode::kUsage,
                    prefix_ + "merge: label " + std::to_string(label) + " is given twice");
  }
}

void PostprocessArguments::add_keep_largest(const std::string& value) {
  PostprocessOptions& steps = rules_.steps;
  const bool is_foreground = value == "foreground" || value == "all";
  steps.keep_largest = is_foreground ? ComponentsOf::kForeground : ComponentsOf::kEachLabel;
  if (is_foreground) return;
  constexpr std::string_view kFirst = "foreground,";
  steps.foreground_first = value.starts_with(kFirst);
  const std::string rest = value.substr(steps.foreground_first ? kFirst.size() : 0);
  if (rest != "per-class") steps.largest_of = labels("keep-largest", rest, "per-class, foreground");
}

void PostprocessArguments::add_fill_holes(const std::string& value) {
  rules_.steps.fill_holes = true;
  if (!value.empty()) rules_.steps.filled = labels("fill-holes", value, "nothing");
}

LeastSize PostprocessArguments::least_size(const std::string& value) const {
  constexpr double kMm3PerMl = 1000;
  LeastSize least;
  std::string number = value;
  double unit = 1;
  for (const auto& [name, factor] : {std::pair{"mm3", 1.0}, std::pair{"ml", kMm3PerMl}})
    if (value.ends_with(name)) {
      number.resize(value.size() - std::string_view(name).size());
      unit = factor;
      least.is_voxels = false;
    }
  const bool is_number = reads(number, least.size) && least.size >= 0 && least.size <= kMostSize;
  if (!is_number || (least.is_voxels && least.size != std::floor(least.size)))
    refuse("min-size", "voxels, mm3 or ml, as 50, 30mm3 or 0.03ml", value);
  least.size *= unit;
  return least;
}

LeastSize PostprocessArguments::mm3_size(const std::string& value) const {
  LeastSize least{.is_voxels = false};
  if (given_.contains("min-size")) refuse("smallest", "no min-size beside it", value);
  if (!reads(value, least.size) || least.size < 0 || least.size > kMostSize)
    refuse("smallest", "mm3, a number from 0 on", value);
  return least;
}

Connectivity PostprocessArguments::connectivity(const std::string& value) const {
  for (const Connectivity known :
       {Connectivity::kFaces, Connectivity::kEdges, Connectivity::kCorners})
    if (value == std::to_string(static_cast<int>(known))) return known;
  refuse("connectivity", "6, 18 or 26", value);
}

std::set<Label> PostprocessArguments::labels(const std::string& name, const std::string& value,
                                             const std::string& other) const {
  std::set<Label> found;
  for (const std::string& word : split(value, ',')) {
    const std::vector<Label> listed = labels_of(word);
    if (listed.empty() || listed.front() == 0)
      refuse(name, other + " or labels from 1, as 1,2", value);
    found.insert(listed.begin(), listed.end());
  }
  return found;
}

void PostprocessArguments::refuse(const std::string& name, const std::string& expected,
                                  const std::string& found) const {
  throw Error(ExitCode::kUsage,
              prefix_ + name + ": expected " + expected + ", found " + in_quotes(found));
}

}  // namespace lucid
