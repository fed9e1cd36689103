#include <nlohmann/json.hpp>

#include "train/schedule_kinds.h"

namespace lucid {
namespace {

class SequentialLR final : public Schedule {
 public:
  // starts[i] is the first epoch of parts[i], which counts its own from 0.
  SequentialLR(std::vector<std::unique_ptr<Schedule>> parts, std::vector<std::int64_t> starts)
      : parts_(std::move(parts)), starts_(std::move(starts)) {}
  double rate(double base_rate, std::int64_t epoch) const override {
    std::size_t at = starts_.size() - 1;
    while (at > 0 && epoch < starts_[at]) --at;
    return parts_[at]->rate(base_rate, epoch - starts_[at]);
  }

 private:
  std::vector<std::unique_ptr<Schedule>> parts_;
  std::vector<std::int64_t> starts_;
};

// The epochs at which the parts start: 0 and the milestones. Empty after a mistake.
std::vector<std::int64_t> read_starts(JsonObject& object, std::size_t parts) {
  std::vector<std::int64_t> starts = {0};
  const Json* milestones = object.find("milestones");
  const Json none = Json::array();
  if (milestones == nullptr) milestones = &none;
  bool good = milestones->is_array() && milestones->size() + 1 == parts;
  for (std::size_t i = 0; good && i < milestones->size(); ++i) {
    const Json& milestone = (*milestones)[i];
    good = milestone.is_number_integer() && milestone.get<std::int64_t>() > starts.back();
    if (good) starts.push_back(milestone.get<std::int64_t>());
  }
  if (good) return starts;
  object.expected("milestones",
                  std::to_string(parts - 1) + " increasing epochs >= 1, one fewer than schedulers",
                  *milestones);
  return {};
}

}  // namespace

std::unique_ptr<Schedule> make_sequential_lr(JsonObject& object, std::int64_t epochs) {
  std::vector<JsonObject> children = object.objects("schedulers");
  if (children.empty()) {
    object.find("milestones");
    return constant_schedule();
  }
  const std::vector<std::int64_t> starts = read_starts(object, children.size());
  std::vector<std::unique_ptr<Schedule>> parts;
  for (std::size_t i = 0; i < children.size(); ++i)
    parts.push_back(make_schedule(children[i], epochs - (starts.empty() ? 0 : starts[i])));
  if (starts.empty()) return constant_schedule();
  return std::make_unique<SequentialLR>(std::move(parts), starts);
}

}  // namespace lucid
