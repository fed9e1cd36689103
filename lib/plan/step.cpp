#include "plan/step.h"

#include <algorithm>
#include <cassert>

namespace lucid {
namespace {

int key_of(Slot slot, int index) {
  constexpr int kSlots = 1 << 24, kIndices = 1 << 16;  // beyond all of oneDNN's numbers
  assert(index >= 0 && index < kIndices);
  return kSlots + static_cast<int>(slot) * kIndices + index;
}

[[maybe_unused]] bool allows(Access declared, Access wanted) {
  return wanted == Access::kRead ? reads(declared) : writes(declared);
}

}  // namespace

Access access_of_primitive_argument(int argument) {
  switch (argument) {
    case DNNL_ARG_DST:
    case DNNL_ARG_DIFF_SRC:
    case DNNL_ARG_DIFF_WEIGHTS:
    case DNNL_ARG_DIFF_BIAS:
      return Access::kWrite;
    case DNNL_ARG_WORKSPACE:
    case DNNL_ARG_SCRATCHPAD:
      return Access::kUpdate;
    default:
      return Access::kRead;
  }
}

Argument::Argument(int primitive_argument, Value v)
    : key(primitive_argument), value(v), access(access_of_primitive_argument(primitive_argument)) {}

Argument::Argument(Slot slot, Value v, Access a, int index)
    : key(key_of(slot, index)), value(v), access(a) {}

bool Argument::is(Slot slot, int index) const { return key == key_of(slot, index); }

Argument reads(Slot slot, Value value, int index) { return {slot, value, Access::kRead, index}; }

Argument writes(Slot slot, Value value, int index) { return {slot, value, Access::kWrite, index}; }

Argument updates(Slot slot, Value value, int index) {
  return {slot, value, Access::kUpdate, index};
}

void* StepArguments::needed(Slot slot, int index, Access wanted) const {
  assert(std::ranges::any_of(arguments_,
                             [&](const Argument& argument) { return argument.is(slot, index); }));
  return find(slot, index, wanted);
}

void* StepArguments::find(Slot slot, int index, [[maybe_unused]] Access wanted) const {
  for (std::size_t i = 0; i < arguments_.size(); ++i) {
    if (!arguments_[i].is(slot, index)) continue;
    assert(allows(arguments_[i].access, wanted));
    return storage_[i];
  }
  return nullptr;
}

}  // namespace lucid
