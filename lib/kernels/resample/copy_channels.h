#pragma once

#include <cstdint>
#include <vector>

#include "kernels/layout/channel_groups.h"

namespace lucid {

// Copies some channels of one tensor to another one, which has as many voxels and samples but may
// have another layout.
class ChannelCopy {
 public:
  struct Place {
    ChannelRuns where;
    std::int64_t first = 0;
  };
  ChannelCopy(const Place& from, const Place& to, std::int64_t channels);

  // Number is float, Bfloat16 or a byte.
  template <class Number>
  void run(const Number* from, Number* to) const;

 private:
  // Channels that are neighbours in both, by the offsets of the first.
  struct Piece {
    std::int64_t from, to, lanes;
  };
  template <class Number>
  void copy_piece(const Piece& piece, const Number* from, Number* to, std::int64_t begin,
                  std::int64_t end) const;

  ChannelRuns from_, to_;
  std::vector<Piece> pieces_;
};

extern template void ChannelCopy::run(const float*, float*) const;
extern template void ChannelCopy::run(const Bfloat16*, Bfloat16*) const;
extern template void ChannelCopy::run(const std::uint8_t*, std::uint8_t*) const;

}  // namespace lucid
