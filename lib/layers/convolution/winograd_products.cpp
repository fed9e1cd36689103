#include "layers/convolution/winograd_products.h"

#include <algorithm>
#include <string_view>

namespace lucid {
namespace {

using onednn::Dims;
using onednn::Layout;
using Tag = dnnl::memory::format_tag;
using winograd::kTileElements;
using winograd::tiles;

// Planes of kernels overlap from slab to slab: thinner ones cost more than they save.
constexpr std::int64_t kFewestPlanes = 8;

// The size of the fewest parts of at most `most`, all of one size but where the last overlaps.
std::int64_t parts(std::int64_t count, std::int64_t most) {
  const std::int64_t size = std::max<std::int64_t>(most, 1), number = (count + size - 1) / size;
  return (count + number - 1) / number;
}

// The largest divisor of `count` up to `most`.
std::int64_t divisor(std::int64_t count, std::int64_t most) {
  std::int64_t found = std::clamp<std::int64_t>(most, 1, count);
  while (count % found != 0) --found;
  return found;
}

}  // namespace

WinogradShape WinogradShape::reversed() const {
  WinogradShape back = *this;
  std::swap(back.inputs, back.outputs);
  std::swap(back.input, back.output);
  const Triple kernel{depth, winograd::kTaps, winograd::kTaps};
  for (std::size_t i = 0; i < 3; ++i) back.padding[i] = kernel[i] - 1 - padding[i];
  return back;
}

WinogradProducts::WinogradProducts(const dnnl::engine& engine, const WinogradShape& shape,
                                   std::int64_t cut_floats, std::int64_t whole_floats)
    : shape_(shape), engine_(engine), stream_(engine) {
  const std::int64_t planes = shape.output[0], rows = tiles(shape.output[1]);
  const std::int64_t of_row = kTileElements * tiles(shape.output[2]);
  const auto floats = [&](std::int64_t of_planes) {
    return of_row * ((of_planes + shape.depth - 1) * shape.inputs + of_planes * shape.outputs);
  };
  // Less than the terms of the weights, and those would be what is read most.
  const std::int64_t of_weights = kTileElements * shape.weights().element_floats();
  const std::int64_t whole = std::max(whole_floats, of_weights);
  if (floats(planes) * rows <= whole) {
    slab_planes_ = planes;
    slab_rows_ = rows;
    slab_samples_ = divisor(shape.samples, whole / (floats(planes) * rows));
    return;
  }
  const std::int64_t cut = std::max(cut_floats, of_weights);
  slab_planes_ = parts(planes, kFewestPlanes);
  slab_rows_ = parts(rows, cut / floats(slab_planes_));
  while (slab_rows_ == rows && slab_planes_ < planes && floats(2 * slab_planes_) * rows <= cut)
    slab_planes_ = parts(planes, 2 * slab_planes_);
}

bool WinogradProducts::is_direct() const {
  return std::string_view(implementation_).starts_with("jit");
}

std::int64_t WinogradProducts::in_lines(std::int64_t floats) { return (floats + 15) / 16 * 16; }

std::int64_t WinogradProducts::floats_of(const Layout& layout) {
  return in_lines(static_cast<std::int64_t>(layout.get_size() / sizeof(float)));
}

std::int64_t WinogradProducts::workspace_floats() const {
  return input_floats_ + output_floats_ + scratchpad_floats_;
}

winograd::TiledPlanes WinogradProducts::input_planes(const Slab& slab) const {
  return {.samples = slab_samples_,
          .blocks = shape_.inputs / shape_.lanes,
          .lanes = shape_.lanes,
          .volume = shape_.input,
          .begin = slab.plane - shape_.padding[0],
          .count = slab_planes_ + shape_.depth - 1,
          .first_row = slab.row,
          .tiles_h = slab_rows_,
          .tiles_w = tiles(shape_.output[2]),
          .pad_h = shape_.padding[1],
          .pad_w = shape_.padding[2]};
}

winograd::TiledPlanes WinogradProducts::output_planes(const Slab& slab) const {
  return {.samples = slab_samples_,
          .blocks = shape_.outputs / shape_.lanes,
          .lanes = shape_.lanes,
          .volume = shape_.output,
          .begin = slab.plane,
          .count = slab_planes_,
          .first_row = slab.row,
          .tiles_h = slab_rows_,
          .tiles_w = tiles(shape_.output[2])};
}

namespace {

// Products do not reach from tile to tile: short rows of them are one long one.
Layout terms_layout(const winograd::TiledPlanes& p) {
  constexpr std::int64_t kShortRow = 6;
  const bool is_short = p.tiles_w < kShortRow;
  const Dims dims{p.samples, kTileElements * p.blocks * p.lanes, p.count, is_short ? 1 : p.tiles_h,
                  is_short ? p.tiles() : p.tiles_w};
  return {dims, onednn::kFloat, p.lanes == 16 ? Tag::nCdhw16c : Tag::nCdhw8c};
}

}  // namespace

Layout WinogradProducts::input_terms() const { return terms_layout(input_planes({})); }
Layout WinogradProducts::output_terms() const { return terms_layout(output_planes({})); }

Layout WinogradProducts::weight_terms() const {
  const Dims dims{kTileElements, shape_.outputs, shape_.inputs, shape_.depth, 1, 1};
  return {dims, onednn::kFloat, shape_.lanes == 16 ? Tag::gOIdhw16i16o : Tag::gOIdhw8i8o};
}

void WinogradProducts::use(const dnnl::primitive& primitive, const Layout& scratchpad,
                           const char* implementation) {
  call_ = PrimitiveCall(primitive);
  implementation_ = implementation;
  scratchpad_floats_ = floats_of(scratchpad);
  input_floats_ = floats_of(input_terms());
  output_floats_ = floats_of(output_terms());
  weight_floats_ = floats_of(weight_terms());
  set(DNNL_ARG_SCRATCHPAD, scratchpad);
}

void WinogradProducts::set(int role, const Layout& layout) {
  call_.add(role, dnnl::memory(layout, engine_, DNNL_MEMORY_NONE));
}

void WinogradProducts::execute(std::initializer_list<std::pair<int, void*>> at) {
  for (const auto& [role, storage] : at) call_.place(role, storage);
  call_.run(stream_);
  stream_.wait();
}

}  // namespace lucid
