#pragma once

#include <chrono>

namespace lucid {

// Measures the seconds since it was made or restarted. No result may depend on it, but for the
// number of epochs that fit into train.time_limit.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  void restart() { start_ = std::chrono::steady_clock::now(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace lucid
