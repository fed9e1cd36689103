#include "layers/convolution/routes/tensor_rows.h"

#include <cstring>

#include "tensor/parallel.h"

namespace lucid {
namespace {

std::int64_t volumes_of(const onednn::Layout& layout) {
  using onednn::Order;
  const std::int64_t channels = onednn::extents(layout)[1];
  switch (*onednn::order_of(layout)) {
    case Order::kPlain:
      return channels;
    case Order::kBlocked8:
      return (channels + 7) / 8;
    case Order::kBlocked16:
      return (channels + 15) / 16;
    case Order::kChannelsLast:
      break;
  }
  return 1;
}

}  // namespace

TensorRows::TensorRows(const onednn::Layout& layout) {
  const onednn::Dims extents = onednn::extents(layout);
  volumes = volumes_of(layout);
  depth = extents[2];
  height = extents[3];
  bytes = layout.get_size() / static_cast<std::size_t>(extents[0] * volumes * depth * height);
}

void TensorRows::copy(const std::byte* sample, std::int64_t d, std::int64_t h,
                      const TensorRows& box, std::byte* to) const {
  parallel_for(volumes * box.depth, [&](std::int64_t i) {
    const std::int64_t plane = d + i % box.depth, first = i / box.depth * depth + plane;
    std::byte* row = to + static_cast<std::size_t>(i * box.height) * bytes;
    for (std::int64_t y = h; y < h + box.height; ++y, row += bytes)
      if (plane < 0 || plane >= depth || y < 0 || y >= height)
        std::memset(row, 0, bytes);
      else
        std::memcpy(row, sample + static_cast<std::size_t>(first * height + y) * bytes, bytes);
  });
}

}  // namespace lucid
