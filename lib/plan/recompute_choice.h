#pragma once

#include "base/error.h"
#include "plan/recording.h"

namespace lucid {

// The budget is below the least memory that recomputation can reach; the message names both.
class BudgetError : public Error {
 public:
  using Error::Error;
};

// Rewrites the steps of a training plan so that activations are recomputed in the backward pass:
// the arena, the scratchpad and `tensor_bytes` fit into the budget, at the least cost that a search
// finds; 0: in as few bytes as it finds. Chooses alike on every machine. Throws BudgetError
// naming the least when the budget is below it.
void recompute_to_fit(Recording& recording, std::size_t backward_begin, std::size_t budget_bytes,
                      std::size_t tensor_bytes);

}  // namespace lucid
