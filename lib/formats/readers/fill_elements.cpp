#include "formats/readers/fill_elements.h"

#include <algorithm>

#include "tensor/shape.h"

namespace lucid {
namespace {

constexpr std::int64_t kPiecePlanes = 64, kPieceBytes = std::int64_t{128} << 20;

}  // namespace

void fill_pieces(ElementType type, const std::vector<std::int64_t>& extents,
                 const FillElements& fill,
                 const std::function<void(std::span<const std::byte>)>& use) {
  const std::int64_t elements = Shape(extents).elements();
  const auto bytes = static_cast<std::int64_t>(element_bytes(type));
  const std::int64_t plane = extents.back() * extents[extents.size() - 2];
  const std::int64_t step =
      std::clamp<std::int64_t>(kPieceBytes / (plane * bytes), 1, kPiecePlanes) * plane;
  std::vector<std::byte> piece;
  for (std::int64_t at = 0; at < elements; at += step) {
    piece.resize(static_cast<std::size_t>(std::min(step, elements - at) * bytes));
    fill(at, piece);
    use(piece);
  }
}

}  // namespace lucid
