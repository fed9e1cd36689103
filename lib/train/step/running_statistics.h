#pragma once

#include <span>
#include <vector>

#include "plan/parameters.h"

namespace lucid {

// The running statistics of a model's norms while the shards of a step are computed, which leave
// their own statistics in the norms' place: they follow those of all shards in one order, wherever
// the shards were computed.
class RunningStatistics {
 public:
  explicit RunningStatistics(Parameters& parameters) : parameters_(parameters) {}

  void begin();                                        // takes the values of the parameters
  void append_found(std::vector<double>& list) const;  // what a shard left in their place
  std::size_t count() const { return values_.size(); }
  // Of one shard; of the first of a batch also those that are of all shards.
  void follow(std::span<const double> found, bool is_first);
  void finish();  // gives the values back to the parameters

 private:
  // Calls visit(parameter, value) for each number of all buffers.
  template <class Visit>
  void for_each(const Visit& visit) const;

  Parameters& parameters_;
  std::vector<float> values_;
};

}  // namespace lucid
