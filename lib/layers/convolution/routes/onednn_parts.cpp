#include "layers/convolution/routes/onednn_parts.h"

#include <algorithm>
#include <utility>

#include "kernels/elementwise/add_scaled.h"
#include "layers/convolution/problem/descriptors.h"
#include "layers/convolution/routes/tensor_rows.h"
#include "tensor/parallel.h"
#include "tensor/primitive_call.h"

namespace lucid {
namespace {

using onednn::Dims;
using onednn::Layout;

// Products of one sum; fewer where parts are copied in any case. A part of this size takes far
// longer than its call.
constexpr std::int64_t kLongestSum = 4096, kLongestCopied = 2048;
// Of small samples oneDNN adds up one after the other, and needs many to keep its threads busy: in
// parts of 4096 the first layer of configs/bench/seed.json takes 15 % longer with two threads.
constexpr std::int64_t kLongestOfSamples = 32768;

std::int64_t plane_voxels(const Problem& p) { return p.output[1] * p.output[2]; }

std::int64_t largest_divisor(std::int64_t count, std::int64_t most) {
  std::int64_t found = std::clamp<std::int64_t>(most, 1, count);
  while (count % found != 0) --found;
  return found;
}

bool is_cut(const Problem& p) { return p.output[0] * plane_voxels(p) > kLongestSum; }

// Cuts an axis into parts of one size, of which the last may reach beyond the end.
void cut(Problem& p, std::size_t axis, std::int64_t most) {
  const std::int64_t parts = (p.output[axis] + most - 1) / most;
  p.output[axis] = (p.output[axis] + parts - 1) / parts;
  p.input[axis] =
      (p.output[axis] - 1) * p.stride[axis] + (p.kernel[axis] - 1) * p.dilation[axis] + 1;
  p.pad_low[axis] = p.pad_high[axis] = 0;
}

// The convolution of one part: some samples, or some planes, or some rows of a plane, which are
// copied together with their padding.
Problem part_of(const Problem& p) {
  Problem part = p;
  if (!is_cut(p)) {
    part.samples = largest_divisor(p.samples, kLongestOfSamples / (p.output[0] * plane_voxels(p)));
    return part;
  }
  part.samples = 1;
  cut(part, 0, std::max<std::int64_t>(1, kLongestCopied / plane_voxels(p)));
  if (plane_voxels(p) > kLongestSum)
    cut(part, 1, std::max<std::int64_t>(1, kLongestCopied / p.output[2]));
  return part;
}

std::int64_t floats_of(const Layout& layout) {
  constexpr std::int64_t kLine = 16;  // floats of a cache line
  return (static_cast<std::int64_t>(layout.get_size() / sizeof(float)) + kLine) / kLine * kLine;
}

// Everything that a step needs to run all parts.
class PartRunner {
 public:
  PartRunner(const dnnl::engine& engine, const Problem& whole)
      : whole_(whole),
        part_(part_of(whole)),
        stream_(engine),
        descriptor_(onednn::weight_gradient_descriptor(engine, part_)),
        call_(dnnl::primitive(descriptor_.get())),
        x_(x_layout()),
        dy_(dy_layout()),
        part_x_(descriptor_.src_desc()),
        part_dy_(descriptor_.diff_dst_desc()),
        is_copied_(is_cut(whole)),
        weights_(static_cast<std::int64_t>(dw_layout().get_size() / sizeof(float))),
        dw_floats_(floats_of(dw_layout())),
        db_floats_(whole.has_bias ? floats_of(whole.bias_layout()) : 0),
        scratchpad_floats_(floats_of(descriptor_.scratchpad_desc())),
        x_floats_(is_copied_ ? floats_of(descriptor_.src_desc()) : 0),
        dy_floats_(is_copied_ ? floats_of(descriptor_.diff_dst_desc()) : 0) {
    const auto bind = [&](int argument, const Layout& layout) {
      call_.add(argument, dnnl::memory(layout, engine, DNNL_MEMORY_NONE));
    };
    bind(DNNL_ARG_SRC, descriptor_.src_desc());
    bind(DNNL_ARG_DIFF_DST, descriptor_.diff_dst_desc());
    bind(DNNL_ARG_DIFF_WEIGHTS, dw_layout());
    if (whole.has_bias) bind(DNNL_ARG_DIFF_BIAS, whole.bias_layout());
    bind(DNNL_ARG_SCRATCHPAD, descriptor_.scratchpad_desc());
  }

  Layout x_layout() const {
    return onednn::ordered_layout(whole_.x_extents(), *onednn::order_of(descriptor_.src_desc()),
                                  whole_.read);
  }
  Layout dy_layout() const {
    return onednn::ordered_layout(whole_.y_extents(),
                                  *onednn::order_of(descriptor_.diff_dst_desc()), whole_.read);
  }
  Layout dw_layout() const { return descriptor_.diff_weights_desc(); }
  std::string implementation() const { return descriptor_.impl_info_str(); }
  std::int64_t workspace_floats() const {
    return dw_floats_ + db_floats_ + scratchpad_floats_ + x_floats_ + dy_floats_;
  }

  void run(const std::byte* x, const std::byte* dy, float* dw, float* db, float* workspace);

 private:
  void run_part(const std::byte* x, const std::byte* dy, float* dw, float* db);
  // Where a part begins to read: padding that is left to oneDNN is no part of the copy.
  std::int64_t input_at(std::size_t axis, std::int64_t output) const {
    return output * whole_.stride[axis] - whole_.pad_low[axis] + part_.pad_low[axis];
  }

  Problem whole_, part_;
  dnnl::stream stream_;
  onednn::WeightGradientDescriptor descriptor_;
  PrimitiveCall call_;
  TensorRows x_, dy_, part_x_, part_dy_;
  bool is_copied_;
  std::int64_t weights_;
  std::int64_t dw_floats_, db_floats_, scratchpad_floats_, x_floats_, dy_floats_;
};

void PartRunner::run_part(const std::byte* x, const std::byte* dy, float* dw, float* db) {
  call_.place(DNNL_ARG_SRC, const_cast<std::byte*>(x));
  call_.place(DNNL_ARG_DIFF_DST, const_cast<std::byte*>(dy));
  call_.place(DNNL_ARG_DIFF_WEIGHTS, dw);
  if (db != nullptr) call_.place(DNNL_ARG_DIFF_BIAS, db);
  call_.run(stream_);
  stream_.wait();
}

void add(const float* part, std::int64_t floats, float* total) {
  constexpr std::int64_t kBlock = 1 << 14;
  parallel_blocks(floats, kBlock, [&](std::int64_t begin, std::int64_t end) {
    add_scaled(static_cast<std::size_t>(end - begin), 1, part + begin, total + begin);
  });
}

// The first part writes the gradients, the others are added to them.
void PartRunner::run(const std::byte* x, const std::byte* dy, float* dw, float* db,
                     float* workspace) {
  float *const part_dw = workspace, *const part_db = part_dw + dw_floats_;
  float* const scratchpad = part_db + db_floats_;
  auto* const part_x = reinterpret_cast<std::byte*>(scratchpad + scratchpad_floats_);
  auto* const part_dy = part_x + static_cast<std::size_t>(x_floats_) * sizeof(float);
  call_.place(DNNL_ARG_SCRATCHPAD, scratchpad);
  bool is_first = true;
  const auto run_and_add = [&](const std::byte* of_x, const std::byte* of_dy) {
    if (std::exchange(is_first, false)) return run_part(of_x, of_dy, dw, db);
    run_part(of_x, of_dy, part_dw, db == nullptr ? nullptr : part_db);
    add(part_dw, weights_, dw);
    if (db != nullptr) add(part_db, whole_.outputs(), db);
  };
  const Triple &out = whole_.output, &step = part_.output;
  for (std::int64_t sample = 0; sample < whole_.samples; sample += part_.samples) {
    const std::byte* const of_x = x + static_cast<std::size_t>(sample) * x_.sample_bytes();
    const std::byte* const of_dy = dy + static_cast<std::size_t>(sample) * dy_.sample_bytes();
    if (!is_copied_) {
      run_and_add(of_x, of_dy);
      continue;
    }
    for (std::int64_t d = 0; d < out[0]; d += step[0])
      for (std::int64_t h = 0; h < out[1]; h += step[1]) {
        x_.copy(of_x, input_at(0, d), input_at(1, h), part_x_, part_x);
        dy_.copy(of_dy, d, h, part_dy_, part_dy);
        run_and_add(part_x, part_dy);
      }
  }
}

bool is_as_good(const dnnl::engine& engine, const Problem& whole) {
  const OneDnn library(engine);
  const Problem part = part_of(whole);
  const Orders orders = library.orders(part, Pass::kWeightGradient);
  if (!orders.x || !orders.y) return false;
  return is_native(library.quality(part, Pass::kWeightGradient)) ||
         library.quality(part, Pass::kWeightGradient) ==
             library.quality(whole, Pass::kWeightGradient);
}

}  // namespace

bool OneDnnParts::are_needed(const dnnl::engine& engine, const Problem& p) {
  if (p.samples * p.output[0] * plane_voxels(p) <= kLongestSum) return false;
  if (part_of(p).samples == p.samples && part_of(p).output == p.output) return false;
  try {
    return is_as_good(engine, p);
  } catch (const dnnl::error&) {
    return false;
  }
}

Recorded OneDnnParts::record(PlanBuilder& b, const Problem& p, const Operands& operands) {
  PartRunner runner(b.device(), p);
  Recorded recorded;
  recorded.dw = b.produce(runner.dw_layout());
  const Value workspace = b.produce(onednn::plain_layout(Dims{runner.workspace_floats()}));
  std::vector<Argument> arguments{reads(Slot::kX, b.in_layout(operands.x, runner.x_layout())),
                                  reads(Slot::kDy, b.in_layout(operands.dy, runner.dy_layout())),
                                  writes(Slot::kDw, recorded.dw),
                                  writes(Slot::kWorkspace, workspace)};
  if (p.has_bias) arguments.push_back(writes(Slot::kDb, recorded.db = b.produce(p.bias_layout())));
  b.product_step(operands.step, runner.implementation(), std::move(arguments),
                 [runner](const StepArguments& step) mutable {
                   runner.run(step.in<std::byte>(Slot::kX), step.in<std::byte>(Slot::kDy),
                              step.out(Slot::kDw), step.maybe_out(Slot::kDb),
                              step.out(Slot::kWorkspace));
                 });
  return recorded;
}

}  // namespace lucid
