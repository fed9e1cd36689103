#include "data/volumes/label_merges.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace lucid {
namespace {

constexpr std::int64_t kMostMerged = std::int64_t{1} << 24;  // classes up to it are exact as floats

std::string labels_text(const LabelRange& labels) {
  const std::string text = std::to_string(labels.first);
  return labels.first == labels.last ? text : text + "-" + std::to_string(labels.last);
}

}  // namespace

std::optional<std::int64_t> parse_label(std::string_view word) {
  std::int64_t label = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), label);
  const bool is_whole = error == std::errc() && end == word.data() + word.size();
  return is_whole && label >= 0 ? std::optional(label) : std::nullopt;
}

std::optional<LabelRange> parse_labels(std::string_view word) {
  const auto dash = word.find('-');
  const auto first = parse_label(word.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_label(word.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return LabelRange{*first, *last};
}

void LabelMerges::add(const std::string& labels, std::int64_t merged) {
  for (const std::string& word : split(labels, ',')) {
    const auto range = parse_labels(word);
    if (!range)
      throw Error(ExitCode::kUsage,
                  "expected labels as '7', '2-54' or '1,5-9', found " + in_quotes(labels));
    const auto next = std::ranges::lower_bound(
        merges_, range->first, {}, [](const Merge& merge) { return merge.labels.last; });
    if (next != merges_.end() && next->labels.first <= range->last)
      throw Error(ExitCode::kUsage, "expected a label once, found " + labels_text(*range) +
                                        " beside " + labels_text(next->labels));
    merges_.insert(next, {*range, merged});
  }
}

void LabelMerges::merge(std::span<float> labels) const {
  if (empty()) return;
  float last = 0, merged = static_cast<float>(find(last).value_or(0));
  for (float& label : labels) {
    if (label != last) {  // labels come in runs
      last = label;
      const auto found = find(label);
      merged = found ? static_cast<float>(*found) : label;
    }
    label = merged;
  }
}

Json LabelMerges::json() const {
  Json json = Json::object();
  for (const auto& [labels, merged] : merges_) json[labels_text(labels)] = merged;
  return json;
}

LabelMerges read_label_merges(JsonObject& data) {
  LabelMerges merges;
  auto object = data.object("merge_labels", false);
  const Json* const found = data.find("merge_labels");
  if (!object || !found->is_object()) return merges;
  for (const auto& [labels, value] : found->items()) {
    const std::int64_t merged = object->integer(labels, {0, kMostMerged});
    try {
      merges.add(labels, merged);
    } catch (const Error& error) {
      object->error(labels, error.what());
    }
  }
  return merges;
}

void add_label_merge(const std::string& option, const std::string& text, LabelMerges& merges) {
  const std::vector<std::string> sides = split(text, ':');
  const auto merged = sides.size() == 2 ? parse_label(sides[1]) : std::nullopt;
  if (!merged || *merged > kMostMerged)
    throw Error(ExitCode::kUsage, option +
                                      ": expected labels and the one they become, as 2-54:1, " +
                                      "found " + in_quotes(text));
  try {
    merges.add(sides[0], *merged);
  } catch (const Error& error) {
    throw Error(error.code(), option + ": " + error.what());
  }
}

}  // namespace lucid
