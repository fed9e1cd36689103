#include "runs/differences.h"

#include <algorithm>
#include <unordered_map>

namespace lucid {
namespace {

bool is_plain(const Json& value) {
  return !value.is_structured() || value.empty() ||
         (value.is_array() &&
          std::ranges::none_of(value, [](const Json& each) { return each.is_structured(); }));
}

// The plain values of a config, in its order.
using Leaves = std::vector<std::pair<std::string, const Json*>>;

void add_leaves(const Json& value, const std::string& key, Leaves& leaves) {
  if (is_plain(value)) {
    leaves.emplace_back(key, &value);
    return;
  }
  const std::string prefix = key.empty() ? "" : key + ".";
  if (value.is_array())
    for (std::size_t i = 0; i < value.size(); ++i)
      add_leaves(value[i], prefix + std::to_string(i), leaves);
  else
    for (const auto& [name, child] : value.items()) add_leaves(child, prefix + name, leaves);
}

}  // namespace

std::vector<Difference> differences(const std::vector<Run>& runs) {
  std::vector<Difference> all;
  std::unordered_map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    Leaves leaves;
    add_leaves(runs[i].config, "", leaves);
    for (const auto& [key, value] : leaves) {
      const auto [place, is_new] = places.emplace(key, all.size());
      if (is_new) all.push_back({key, std::vector<std::optional<Json>>(runs.size())});
      all[place->second].values[i] = *value;
    }
  }
  std::erase_if(all, [](const Difference& each) {
    return each.key == "name" || std::ranges::all_of(each.values, [&](const auto& value) {
             return value == each.values.front();
           });
  });
  return all;
}

std::string difference_text(const std::optional<Json>& value) {
  if (!value) return "";
  return value->is_string() ? value->get<std::string>() : json_text(*value);
}

}  // namespace lucid
