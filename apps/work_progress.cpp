#include "work_progress.h"

#include <cmath>

namespace lucid {

WorkProgress::~WorkProgress() { bar_.clear(); }

void WorkProgress::update(const std::string& name, double share) {
  constexpr double kSecondsALine = 10;
  const int percent = std::isfinite(share) ? static_cast<int>(100 * share) : 0;
  const bool is_due =
      bar_.is_terminal() ? percent != percent_ : since_line_.seconds() >= kSecondsALine;
  if (!is_due) return;
  bar_.draw(std::to_string(percent) + "% " + name);
  percent_ = percent;
  since_line_.restart();
}

}  // namespace lucid
