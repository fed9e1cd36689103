#pragma once

#include <cstdint>
#include <vector>

#include "graph/compile.h"

namespace lucid {

// Learns which numbers the bytes of a network should stand for, from the values of its nodes on
// samples. All samples come twice: the first time for the ends of each range, the second time for
// how often values lie where in it.
class ByteRanges {
 public:
  // `options` are those of the float plans that will be watched.
  ByteRanges(const Graph& graph, const CompileOptions& options);

  // Runs the plan on the batch in its input.
  void add(Plan& plan);
  void end_first_round() { is_second_round_ = true; }

  // The nodes that can multiply bytes.
  const std::vector<std::size_t>& candidates() const { return candidates_; }
  // Scales for all nodes, and products of bytes for those given.
  Quantization quantization(const std::vector<std::size_t>& in_bytes) const;

 private:
  // The values of nodes that are to have one scale.
  struct Range {
    float low = 0, high = 0;  // 0 lies between them
    std::vector<std::int64_t> counts;
  };

  std::size_t group_of(std::size_t i) const;
  void join(std::size_t a, std::size_t b);
  void add(std::size_t i, const Tensor& values);
  ByteScale scale(const Range& range) const;

  std::vector<std::size_t> candidates_;
  std::vector<std::size_t> parents_;  // by node, the network's input behind the last: of its group
  std::vector<Range> ranges_;         // by group
  bool is_second_round_ = false;
};

}  // namespace lucid
