#include <nlohmann/json.hpp>

#include "train/schedule/milestones.h"
#include "train/schedule/schedules.h"

namespace lucid {
namespace {

class SequentialLR final : public Schedule {
 public:
  // parts[i] begins at starts[i] and counts from 0 there.
  SequentialLR(std::vector<std::unique_ptr<Schedule>> parts, std::vector<std::int64_t> starts)
      : parts_(std::move(parts)), starts_(std::move(starts)) {}
  double rate(double base_rate, const SchedulePoint& point) const override {
    std::size_t i = starts_.size() - 1;
    while (i > 0 && point.at < starts_[i]) --i;
    return parts_[i]->rate(base_rate,
                           {.at = point.at - starts_[i], .length = point.length - starts_[i]});
  }

 private:
  std::vector<std::unique_ptr<Schedule>> parts_;
  std::vector<std::int64_t> starts_;
};

}  // namespace

std::unique_ptr<Schedule> make_sequential_lr(JsonObject& object, const ScheduleContext& context) {
  std::vector<JsonObject> children = object.objects("schedulers");
  if (children.empty()) {
    object.find("milestones");
    return constant_schedule();
  }
  const std::size_t count = children.size() - 1;
  std::vector<std::int64_t> starts = read_milestones(
      object, std::to_string(count) + " increasing integers >= 1, one fewer than schedulers",
      count);
  starts.insert(starts.begin(), 0);
  std::vector<std::unique_ptr<Schedule>> parts;
  ScheduleContext inner = context;
  inner.is_part = true;
  for (JsonObject& child : children) parts.push_back(make_schedule(child, inner));
  if (starts.size() != parts.size()) return constant_schedule();
  return std::make_unique<SequentialLR>(std::move(parts), std::move(starts));
}

}  // namespace lucid
