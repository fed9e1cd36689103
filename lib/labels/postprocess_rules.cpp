#include "labels/postprocess_rules.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace lucid {
namespace {

constexpr IntegerRange kLabels{0, std::numeric_limits<Label>::max()};

const char* const kPerClass = "per-class";
const char* const kForeground = "foreground";

Json labels_json(const std::set<Label>& labels, const Json& all) {
  return labels.empty() ? all : Json(labels);
}

Json largest_json(const PostprocessOptions& steps) {
  if (steps.keep_largest == ComponentsOf::kForeground) return kForeground;
  const Json labels = labels_json(steps.largest_of, kPerClass);
  if (!steps.foreground_first) return labels;
  Json all = Json::array({kForeground});
  if (!labels.is_array()) all.push_back(labels);
  if (labels.is_array()) all.insert(all.end(), labels.begin(), labels.end());
  return all;
}

// Returns a name, or what stands in a list with commas.
std::string list_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  std::vector<std::string> words;
  for (const Json& each : value)
    words.push_back(each.is_string() ? each.get<std::string>() : json_text(each));
  return join(words, ",");
}

bool is_label(const Json& value) {
  return value.is_number_integer() && value >= kLabels.low && value <= kLabels.high;
}

std::optional<Label> label_in(const std::string& key) {
  Label label = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), label);
  const bool is_whole = error == std::errc() && end == key.data() + key.size() && label >= 0;
  return is_whole ? std::optional(label) : std::nullopt;
}

std::map<Label, Label> read_merge(JsonObject& object) {
  const Json* const found = object.find("merge");
  std::map<Label, Label> names;
  if (found == nullptr) return names;
  if (found->is_object())
    for (const auto& [key, value] : found->items())
      if (const auto label = label_in(key); label && is_label(value))
        names[*label] = value.get<Label>();
  if (!found->is_object() || names.size() != found->size())
    object.expected("merge", "an object of labels and the labels they become", *found);
  return names;
}

std::optional<LeastSize> read_size(JsonObject& object) {
  auto found = object.object("min_size", false);
  if (!found) return std::nullopt;
  constexpr double kMost = 1e15;
  LeastSize least{.size = 0, .is_voxels = !found->has("mm3")};
  least.size = found->number(least.is_voxels ? "voxels" : "mm3", {.low = 0, .high = kMost});
  found->finish();
  return least;
}

bool are_labels(const Json& value) {
  return value.is_array() && !value.empty() && std::ranges::all_of(value, is_label);
}

// Reads a list of labels that stands in the place of `other`.
std::set<Label> read_labels(JsonObject& object, const char* key, const std::string& other) {
  const Json& found = *object.find(key);
  if (are_labels(found)) return found.get<std::set<Label>>();
  object.expected(key, other + " or a list of labels", found);
  return {};
}

// Reads a name, a list of labels, or a list that begins with "foreground".
void read_largest(JsonObject& object, PostprocessOptions& steps) {
  const char* const key = "keep_largest";
  if (object.holds_string(key)) {
    const std::vector<std::string> known = {kPerClass, kForeground};
    const bool is_foreground = object.choice(key, known) == kForeground;
    steps.keep_largest = is_foreground ? ComponentsOf::kForeground : ComponentsOf::kEachLabel;
    return;
  }
  if (!object.has(key)) return;
  steps.keep_largest = ComponentsOf::kEachLabel;
  Json rest = *object.find(key);
  if (!rest.is_array() || rest.empty() || rest.front() != kForeground) {
    steps.largest_of = read_labels(object, key, "\"per-class\", \"foreground\"");
    return;
  }
  steps.foreground_first = true;
  rest.erase(0);
  if (are_labels(rest))
    steps.largest_of = rest.get<std::set<Label>>();
  else if (rest != Json::array({kPerClass}))
    object.expected(key, "\"per-class\" or labels behind \"foreground\"", *object.find(key));
}

}  // namespace

std::int64_t LeastSize::voxels(double voxel_mm3) const {
  // A component of exactly the size stays, whatever the digits of the voxel size.
  constexpr double kRounding = 1e-6;
  const double count = is_voxels ? size : std::ceil(size / voxel_mm3 - kRounding);
  return static_cast<std::int64_t>(std::min(count, 0x1p62));
}

bool PostprocessRules::is_empty() const {
  return steps.relabel.empty() && !min_size && !steps.keep_largest && !steps.fill_holes &&
         !steps.number_components;
}

Label PostprocessRules::largest_new_label() const {
  Label most = 0;
  for (const auto& [label, name] : steps.relabel) most = std::max(most, name);
  return most;
}

PostprocessOptions PostprocessRules::for_voxels(
    const std::optional<std::array<double, 3>>& voxel_size, const std::string& place) const {
  PostprocessOptions options = steps;
  if (!min_size) return options;
  if (needs_voxel_size() && !voxel_size)
    throw Error(ExitCode::kUsage, place + ": says nothing of its voxels; give min-size in voxels");
  const auto size = voxel_size.value_or(std::array<double, 3>{1, 1, 1});
  options.min_voxels = min_size->voxels(size[0] * size[1] * size[2]);
  return options;
}

Json postprocess_json(const std::optional<PostprocessRules>& rules) {
  return rules ? postprocess_json(*rules) : Json();
}

Json postprocess_json(const PostprocessRules& rules) {
  const PostprocessOptions& steps = rules.steps;
  Json json = Json::object();
  for (const auto& [label, name] : steps.relabel) json["merge"][std::to_string(label)] = name;
  if (rules.min_size)
    json["min_size"] = {{rules.min_size->is_voxels ? "voxels" : "mm3", rules.min_size->size}};
  if (steps.keep_largest) json["keep_largest"] = largest_json(steps);
  if (steps.fill_holes) json["fill_holes"] = labels_json(steps.filled, true);
  if (steps.number_components) json["components"] = true;
  json["connectivity"] = static_cast<int>(steps.connectivity);
  return json;
}

std::string postprocess_text(const PostprocessRules& rules) {
  const PostprocessOptions& steps = rules.steps;
  std::vector<std::string> words;
  for (const auto& [label, name] : steps.relabel)
    words.push_back("merge=" + std::to_string(label) + ":" + std::to_string(name));
  if (rules.min_size)
    words.push_back("min-size=" + (rules.min_size->is_voxels
                                       ? std::to_string(std::llround(rules.min_size->size))
                                       : number_text(rules.min_size->size) + "mm3"));
  if (steps.keep_largest) words.push_back("keep-largest=" + list_text(largest_json(steps)));
  if (steps.fill_holes)
    words.push_back("fill-holes" +
                    (steps.filled.empty() ? "" : "=" + list_text(Json(steps.filled))));
  if (steps.number_components) words.emplace_back("components");
  if (steps.connectivity != PostprocessOptions().connectivity)
    words.push_back("connectivity=" + std::to_string(static_cast<int>(steps.connectivity)));
  return join(words, " ");
}

PostprocessRules read_postprocess_json(JsonObject object) {
  PostprocessRules rules;
  PostprocessOptions& steps = rules.steps;
  steps.relabel = read_merge(object);
  rules.min_size = read_size(object);
  read_largest(object, steps);
  if (const Json* holes = object.find("fill_holes"); holes != nullptr && !holes->is_null()) {
    steps.fill_holes = !holes->is_boolean() || holes->get<bool>();
    if (!holes->is_boolean()) steps.filled = read_labels(object, "fill_holes", "true, false");
  }
  steps.number_components = object.boolean("components", false);
  const std::int64_t connectivity = object.integer("connectivity", {6, 26}, 26);
  if (connectivity != 6 && connectivity != 18 && connectivity != 26)
    object.expected("connectivity", "6, 18 or 26", Json(connectivity));
  steps.connectivity = static_cast<Connectivity>(connectivity);
  object.finish();
  return rules;
}

}  // namespace lucid
