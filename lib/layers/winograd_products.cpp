#include "layers/winograd_products.h"

#include <algorithm>
#include <string_view>

#include "kernels/add_scaled.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

using onednn::Dims;
using onednn::Layout;
using Tag = dnnl::memory::format_tag;
using winograd::kTerms;
using winograd::kTile;

// Floats of a slab's terms: of a volume that is cut, so that they are still in the cache of a core
// when they are read, and of volumes or samples that are not.
struct SlabFloats {
  std::int64_t cut, whole;
};
constexpr SlabFloats kForward{std::int64_t{1} << 19, std::int64_t{1} << 21};
// Every slab has a gradient of its own, which is added to the others.
constexpr SlabFloats kWeightGradient{std::int64_t{1} << 22, std::int64_t{1} << 22};
// Planes of kernels overlap from slab to slab: thinner ones cost more than they save.
constexpr std::int64_t kFewestPlanes = 8;

std::int64_t tiles(std::int64_t voxels) { return (voxels + kTile - 1) / kTile; }

std::int64_t in_lines(std::int64_t floats) { return (floats + 15) / 16 * 16; }

std::int64_t floats_of(const Layout& layout) {
  return in_lines(static_cast<std::int64_t>(layout.get_size() / sizeof(float)));
}

void accumulate(const float* part, std::int64_t floats, float* total) {
  constexpr std::int64_t kBlock = 1 << 14;
  parallel_blocks(floats, kBlock, [&](std::int64_t begin, std::int64_t end) {
    add_scaled(static_cast<std::size_t>(end - begin), 1, part + begin, total + begin);
  });
}

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

dnnl::primitive_attr attributes() {
  dnnl::primitive_attr given;
  given.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return given;
}

const Dims kOnes{1, 1, 1}, kNone{0, 0, 0};

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
  const std::int64_t of_row = kTerms * tiles(shape.output[2]);
  const auto floats = [&](std::int64_t of_planes) {
    return of_row * ((of_planes + shape.depth - 1) * shape.inputs + of_planes * shape.outputs);
  };
  // Less than the terms of the weights, and those would be what is read most.
  const std::int64_t of_weights = kTerms * shape.weights().term_floats();
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

std::int64_t WinogradProducts::workspace_floats() const {
  return floats_of(input_terms()) + floats_of(output_terms()) + scratchpad_floats_;
}

template <class Body>
void WinogradProducts::for_slabs(const Body& body) const {
  const std::int64_t planes = shape_.output[0], rows = tiles(shape_.output[1]);
  for (std::int64_t sample = 0; sample < shape_.samples; sample += slab_samples_)
    for (std::int64_t plane = 0; plane < planes; plane += slab_planes_)
      for (std::int64_t row = 0; row < rows; row += slab_rows_)
        body(Slab{sample,
                  std::min(plane, planes - slab_planes_),
                  std::min(row, rows - slab_rows_),
                  {plane, row}});
}

winograd::Planes WinogradProducts::input_planes(const Slab& slab) const {
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

winograd::Planes WinogradProducts::output_planes(const Slab& slab) const {
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
Layout terms_layout(const winograd::Planes& p) {
  constexpr std::int64_t kShortRow = 6;
  const bool is_short = p.tiles_w < kShortRow;
  const Dims dims{p.samples, kTerms * p.blocks * p.lanes, p.count, is_short ? 1 : p.tiles_h,
                  is_short ? p.tiles() : p.tiles_w};
  return {dims, onednn::kFloat, p.lanes == 16 ? Tag::nCdhw16c : Tag::nCdhw8c};
}

}  // namespace

Layout WinogradProducts::input_terms() const { return terms_layout(input_planes({})); }
Layout WinogradProducts::output_terms() const { return terms_layout(output_planes({})); }

Layout WinogradProducts::weight_terms() const {
  const Dims dims{kTerms, shape_.outputs, shape_.inputs, shape_.depth, 1, 1};
  return {dims, onednn::kFloat, shape_.lanes == 16 ? Tag::gOIdhw16i16o : Tag::gOIdhw8i8o};
}

void WinogradProducts::use(const Layout& scratchpad, const char* implementation) {
  implementation_ = implementation;
  scratchpad_floats_ = floats_of(scratchpad);
  set(DNNL_ARG_SCRATCHPAD, scratchpad);
}

void WinogradProducts::set(int role, const Layout& layout) {
  arguments_.insert({role, dnnl::memory(layout, engine_, DNNL_MEMORY_NONE)});
}

void WinogradProducts::execute(const dnnl::primitive& primitive,
                               std::initializer_list<std::pair<int, void*>> at) {
  for (const auto& [role, storage] : at) arguments_.at(role).set_data_handle(storage);
  primitive.execute(stream_, arguments_);
  stream_.wait();
}

WinogradForward::WinogradForward(const dnnl::engine& engine, const WinogradShape& shape)
    : WinogradProducts(engine, shape, kForward.cut, kForward.whole) {
  const auto descriptor = onednn::describe<dnnl::convolution_forward>(
      engine, attributes(), dnnl::prop_kind::forward_training, dnnl::algorithm::convolution_direct,
      input_terms(), weight_terms(), Layout(), output_terms(), kOnes, kNone, kNone, kNone);
  use(descriptor.scratchpad_desc(), descriptor.impl_info_str());
  primitive_ = dnnl::convolution_forward(descriptor);
  set(DNNL_ARG_SRC, input_terms());
  set(DNNL_ARG_WEIGHTS, weight_terms());
  set(DNNL_ARG_DST, output_terms());
}

void WinogradForward::run(const float* x, const float* weights, const winograd::Finish& finish,
                          float* y, float* workspace) {
  float* products = workspace + floats_of(input_terms());
  float* scratchpad = products + floats_of(output_terms());
  for_slabs([&](const Slab& slab) {
    const winograd::Planes in = input_planes(slab), out = output_planes(slab);
    winograd::spread_input(in, x + slab.sample * in.tensor_floats(), workspace);
    execute(primitive_, {{DNNL_ARG_SRC, workspace},
                         {DNNL_ARG_WEIGHTS, const_cast<float*>(weights)},
                         {DNNL_ARG_DST, products},
                         {DNNL_ARG_SCRATCHPAD, scratchpad}});
    winograd::gather_output(out, products, finish, y + slab.sample * out.tensor_floats());
  });
}

WinogradWeightGradient::WinogradWeightGradient(const dnnl::engine& engine,
                                               const WinogradShape& shape)
    : WinogradProducts(engine, shape, kWeightGradient.cut, kWeightGradient.whole) {
  const auto forward = onednn::describe<dnnl::convolution_forward>(
      engine, attributes(), dnnl::prop_kind::forward_training, dnnl::algorithm::convolution_direct,
      input_terms(), weight_terms(), Layout(), output_terms(), kOnes, kNone, kNone, kNone);
  const auto descriptor = onednn::describe_backward<dnnl::convolution_backward_weights>(
      engine, attributes(), forward, dnnl::algorithm::convolution_direct, input_terms(),
      weight_terms(), Layout(), output_terms(), kOnes, kNone, kNone, kNone);
  use(descriptor.scratchpad_desc(), descriptor.impl_info_str());
  primitive_ = dnnl::convolution_backward_weights(descriptor);
  set(DNNL_ARG_SRC, input_terms());
  set(DNNL_ARG_DIFF_DST, output_terms());
  set(DNNL_ARG_DIFF_WEIGHTS, weight_terms());
}

std::int64_t WinogradWeightGradient::row_sums() const {
  return shape_.samples * shape_.outputs * shape_.output[0] * tiles(shape_.output[1]);
}

std::int64_t WinogradWeightGradient::workspace_floats() const {
  return WinogradProducts::workspace_floats() + 2 * floats_of(weight_terms()) +
         in_lines(row_sums());
}

void WinogradWeightGradient::run(const float* x, const float* dy, float* weights, float* sums,
                                 float* workspace) {
  float* gradient = workspace + floats_of(input_terms());
  float* total = gradient + floats_of(output_terms());
  float* part = total + floats_of(weight_terms());
  float* sums_of_rows = part + floats_of(weight_terms());
  float* scratchpad = sums_of_rows + in_lines(row_sums());
  bool is_first = true;
  for_slabs([&](const Slab& slab) {
    const winograd::Planes in = input_planes(slab), out = output_planes(slab);
    float* of_rows = sums_of_rows + slab.sample * row_sums() / shape_.samples;
    winograd::spread_input(in, x + slab.sample * in.tensor_floats(), workspace);
    winograd::spread_gradient(out, slab.counted, dy + slab.sample * out.tensor_floats(), gradient,
                              of_rows);
    execute(primitive_, {{DNNL_ARG_SRC, workspace},
                         {DNNL_ARG_DIFF_DST, gradient},
                         {DNNL_ARG_DIFF_WEIGHTS, is_first ? total : part},
                         {DNNL_ARG_SCRATCHPAD, scratchpad}});
    if (!is_first) accumulate(part, floats_of(weight_terms()), total);
    is_first = false;
  });
  winograd::gather_weight_gradient(shape_.weights(), total, weights);
  if (sums != nullptr) add_rows(sums_of_rows, sums);
}

// In double, row by row: the order does not depend on threads or slabs.
void WinogradWeightGradient::add_rows(const float* rows, float* sums) const {
  const std::int64_t lanes = shape_.lanes, of_sample = row_sums() / shape_.samples;
  const std::int64_t of_channel = shape_.output[0] * tiles(shape_.output[1]);
  parallel_for(shape_.outputs, [&](std::int64_t channel) {
    double sum = 0;
    for (std::int64_t sample = 0; sample < shape_.samples; ++sample) {
      const float* from =
          rows + sample * of_sample + channel / lanes * of_channel * lanes + channel % lanes;
      for (std::int64_t row = 0; row < of_channel; ++row) sum += from[row * lanes];
    }
    sums[channel] = static_cast<float>(sum);
  });
}

}  // namespace lucid
