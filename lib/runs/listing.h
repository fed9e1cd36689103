#pragma once

#include <string>
#include <vector>

#include "runs/differences.h"

namespace lucid {

// A row of a list of runs is its folder, state, epochs, best monitored value, seconds, and what
// differs between the configs.
class RunListing {
 public:
  // `order` is "best", "name", "epoch", "seconds", "state", or a key that differs. Best comes
  // first, and what has no value last; equal runs are in the order of their folders. Throws
  // Error(kUsage) for another order.
  RunListing(std::vector<Run> runs, const std::string& order, bool is_reversed);

  std::string table() const;
  std::string csv() const;
  Json json() const;

 private:
  void sort(const std::string& order);
  std::string monitors() const;  // what all runs monitor, or "monitored"

  std::vector<Run> runs_;
  std::vector<Difference> differences_;
};

}  // namespace lucid
