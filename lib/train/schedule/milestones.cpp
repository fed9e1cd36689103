#include "train/schedule/milestones.h"

#include <nlohmann/json.hpp>

namespace lucid {
namespace {

// Returns the milestones if every one is an integer above the one before it.
std::optional<std::vector<std::int64_t>> increasing(const Json& list) {
  if (!list.is_array()) return std::nullopt;
  std::vector<std::int64_t> milestones;
  for (const Json& milestone : list) {
    const std::int64_t last = milestones.empty() ? 0 : milestones.back();
    if (!milestone.is_number_integer() || milestone.get<std::int64_t>() <= last)
      return std::nullopt;
    milestones.push_back(milestone.get<std::int64_t>());
  }
  return milestones;
}

}  // namespace

std::vector<std::int64_t> read_milestones(JsonObject& object, const std::string& what,
                                          std::optional<std::size_t> count) {
  const Json* list = object.find("milestones");
  const Json none = Json::array();
  if (list == nullptr) list = &none;
  const auto milestones = increasing(*list);
  if (milestones && (count ? milestones->size() == *count : !milestones->empty()))
    return *milestones;
  object.expected("milestones", what, *list);
  return {};
}

}  // namespace lucid
