#pragma once

#include <cassert>
#include <functional>
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
  kWorkspace,
  kPaddedBias,  // of whole blocks of channels
  kMaxima,      // what a pooling saw at its maxima
  kPlaces,      // where these are
  kMean,        // or a norm's whole statistics
  kVariance,
  kRunningMean,
  kRunningVariance,
  kSums,
  kScales,  // of the channels of a folded norm
  kRandomState
};

// An update reads what is there and writes.
enum class Access { kRead, kWrite, kUpdate };

// A value that a step uses. Access alone tells what the step writes: lifetimes, recomputation and
// reports follow from it.
struct Argument {
  // oneDNN's rule: DNNL_ARG_DST and the gradients that a primitive computes are written.
  Argument(int primitive_argument, Value value);
  // Several values of one slot have an index.
  Argument(Slot slot, Value value, Access access, int index = 0);

  bool is_read() const { return access != Access::kWrite; }
  bool is_written() const { return access != Access::kRead; }
  // What a forward step computes for other layers: DNNL_ARG_DST or kY.
  bool is_output() const;

  int key;  // DNNL_ARG_..., or a slot with its index
  Value value;
  Access access;
};

Argument reads(Slot slot, Value value, int index = 0);
Argument writes(Slot slot, Value value, int index = 0);
Argument updates(Slot slot, Value value, int index = 0);

// The storage of a step's arguments by name, as its function gets it. Using an argument that was
// not declared so is a mistake of ours, which assertions find.
class StepArguments {
 public:
  void add(const Argument& argument, void* storage);

  template <class T = float>
  const T* in(Slot slot, int index = 0) const {
    const Bound* found = find(slot, index);
    assert(found != nullptr && found->access != Access::kWrite);
    return static_cast<const T*>(found->storage);
  }
  // Null where the step has no such argument.
  template <class T = float>
  const T* maybe(Slot slot, int index = 0) const {
    return find(slot, index) == nullptr ? nullptr : in<T>(slot, index);
  }
  template <class T = float>
  T* out(Slot slot, int index = 0) const {
    const Bound* found = find(slot, index);
    assert(found != nullptr && found->access != Access::kRead);
    return static_cast<T*>(found->storage);
  }
  template <class T = float>
  T* maybe_out(Slot slot, int index = 0) const {
    return find(slot, index) == nullptr ? nullptr : out<T>(slot, index);
  }

 private:
  struct Bound {
    int key;
    Access access;
    void* storage;
  };
  const Bound* find(Slot slot, int index) const;

  std::vector<Bound> bound_;
};

// Our own code as a step.
using HostFunction = std::function<void(const StepArguments&)>;

}  // namespace lucid
