#include "plan/step.h"

#include <algorithm>

namespace lucid {
namespace {

// Slots of one name are this far apart, so that no two keys meet.
constexpr int kIndices = 1 << 16;

int key_of(Slot slot, int index) { return static_cast<int>(slot) * kIndices + index; }

Access access_of(int primitive_argument) {
  const bool is_gradient =
      primitive_argument >= DNNL_ARG_DIFF_SRC && primitive_argument < DNNL_ARG_DIFF_DST;
  const bool is_written = primitive_argument == DNNL_ARG_DST || is_gradient ||
                          primitive_argument == DNNL_ARG_DIFF_WEIGHTS ||
                          primitive_argument == DNNL_ARG_DIFF_BIAS;
  return is_written ? Access::kWrite : Access::kRead;
}

}  // namespace

Argument::Argument(int primitive_argument, Value of)
    : key(primitive_argument), value(of), access(access_of(primitive_argument)) {}

Argument::Argument(Slot slot, Value of, Access how, int index)
    : key(key_of(slot, index)), value(of), access(how) {}

bool Argument::is_output() const {
  return is_written() && (key == DNNL_ARG_DST || key == key_of(Slot::kY, 0));
}

Argument reads(Slot slot, Value value, int index) { return {slot, value, Access::kRead, index}; }
Argument writes(Slot slot, Value value, int index) { return {slot, value, Access::kWrite, index}; }
Argument updates(Slot slot, Value value, int index) {
  return {slot, value, Access::kUpdate, index};
}

void StepArguments::add(const Argument& argument, void* storage) {
  bound_.push_back({argument.key, argument.access, storage});
}

const StepArguments::Bound* StepArguments::find(Slot slot, int index) const {
  const auto found = std::ranges::find(bound_, key_of(slot, index), &Bound::key);
  return found == bound_.end() ? nullptr : &*found;
}

}  // namespace lucid
