#pragma once

#include <functional>
#include <span>
#include <vector>

#include "tensor/onednn.h"

namespace lucid {

// A buffer of a plan while it is being recorded: it has a layout but no storage yet.
struct Value {
  int id = -1;
  explicit operator bool() const { return id >= 0; }
  friend bool operator==(Value, Value) = default;
};

// Names what a value is to a step of our own. A primitive's arguments have oneDNN's DNNL_ARG_
// numbers instead.
enum class Slot {
  kX,
  kY,
  kWeight,
  kBias,
  kDx,
  kDy,
  kDw,
  kDb,
  kWorkspace,   // handed from the forward to the backward pass, or from one step to another
  kScratchpad,  // used within one step
  kPaddedBias,
  kMean,
  kVariance,
  kStatistics,  // mean, variance and inverse deviation of every set that is normalized together
  kSums,        // the partial sums of a normalization's gradients
  kCount,       // of the values that statistics are of
  kScale,
  kShift,
  kIndices,  // the position of the maximum in each window of a max pooling
  kRandomState,
};

// kUpdate reads what is there and writes.
enum class Access { kRead, kWrite, kUpdate };
constexpr bool reads(Access access) { return access != Access::kWrite; }
constexpr bool writes(Access access) { return access != Access::kRead; }

// oneDNN's rule of which arguments of a primitive it writes.
Access access_of_primitive_argument(int argument);

// A value that a step uses. The access is the only rule of what a step writes: lifetimes, what is
// recomputed and the bytes of a report follow from it.
struct Argument {
  Argument(int primitive_argument, Value v);  // DNNL_ARG_...
  Argument(Slot slot, Value v, Access a, int index = 0);

  bool is(Slot slot, int index = 0) const;

  int key;  // DNNL_ARG_..., or a number for slot and index beyond all of those
  Value value;
  Access access;
};

// `index` tells values of one slot apart: the inputs of a sum.
Argument reads(Slot slot, Value value, int index = 0);
Argument writes(Slot slot, Value value, int index = 0);
Argument updates(Slot slot, Value value, int index = 0);

// The storage of a step's arguments by name. Asking for an argument that the step was not recorded
// with, or for another access than was declared, is an error that an assert finds.
class StepArguments {
 public:
  // Both spans have one entry per argument and outlive this object.
  StepArguments(std::span<const Argument> arguments, std::span<void* const> storage)
      : arguments_(arguments), storage_(storage) {}

  // Returns an argument that the step reads or updates.
  template <class T = float>
  const T* in(Slot slot, int index = 0) const {
    return static_cast<const T*>(needed(slot, index, Access::kRead));
  }
  // Returns null if the step has no such argument.
  template <class T = float>
  const T* maybe(Slot slot, int index = 0) const {
    return static_cast<const T*>(find(slot, index, Access::kRead));
  }
  // Returns an argument that the step writes or updates.
  template <class T = float>
  T* out(Slot slot, int index = 0) const {
    return static_cast<T*>(needed(slot, index, Access::kWrite));
  }
  // Returns null if the step has no such argument.
  template <class T = float>
  T* maybe_out(Slot slot, int index = 0) const {
    return static_cast<T*>(find(slot, index, Access::kWrite));
  }

 private:
  void* needed(Slot slot, int index, Access wanted) const;
  void* find(Slot slot, int index, Access wanted) const;

  std::span<const Argument> arguments_;
  std::span<void* const> storage_;
};

// Our own code as a step. It runs at every step of training: it must not allocate.
using HostFunction = std::function<void(const StepArguments&)>;

// What a step gives to the other shards of its batch, and takes from all of them: their numbers one
// after another, in the order of the shards. A batch in one shard takes nothing.
struct Synchronization {
  std::function<void(const StepArguments&, std::vector<double>& own)> give;
  std::function<void(const StepArguments&, std::span<const double> of_all)> take;
  explicit operator bool() const { return static_cast<bool>(give); }
};

}  // namespace lucid
