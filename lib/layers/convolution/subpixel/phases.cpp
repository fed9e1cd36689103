#include "layers/convolution/subpixel/phases.h"

#include <algorithm>

#include "tensor/parallel.h"

namespace lucid {
namespace {

// Calls visit(stored run or -1, packed run) for every run of the packed weight, counted in runs.
template <class Visit>
void for_each_run(const PhasePacking& p, const Visit& visit) {
  const AxisPhases &d = p.axes[0], &h = p.axes[1], &w = p.axes[2];
  const std::int64_t phases = p.phases(), blocks = p.shifts() * p.groups * phases;
  parallel_for(blocks, [&](std::int64_t block) {
    const std::int64_t phase = block % phases, group = block / phases % p.groups;
    const std::int64_t shift = block / phases / p.groups;
    const auto tap = [](const AxisPhases& axis, std::int64_t of_phase, std::int64_t of_shift) {
      return axis.taps[static_cast<std::size_t>(of_phase * axis.shifts + of_shift)];
    };
    // The first tap of a convolution reads the voxel that lies furthest back: the largest shift.
    const std::int64_t kd =
        tap(d, phase / w.phases / h.phases, d.shifts - 1 - shift / w.shifts / h.shifts);
    const std::int64_t kh =
        tap(h, phase / w.phases % h.phases, h.shifts - 1 - shift / w.shifts % h.shifts);
    const std::int64_t kw = tap(w, phase % w.phases, w.shifts - 1 - shift % w.shifts);
    const bool is_tap = kd >= 0 && kh >= 0 && kw >= 0;
    const std::int64_t element = (kd * p.kernel[1] + kh) * p.kernel[2] + kw;
    for (std::int64_t o = 0; o < p.padded_outputs; ++o)
      visit(is_tap && o < p.group_outputs ? (element * p.group_outputs + o) * p.groups + group : -1,
            block * p.padded_outputs + o);
  });
}

}  // namespace

AxisPhases::AxisPhases(std::int64_t kernel, std::int64_t stride, std::int64_t dilation) {
  const std::int64_t last = dilation * (kernel - 1);
  const bool is_one_phase = dilation % stride == 0;
  phases = is_one_phase ? 1 : std::min(stride, last + 1);
  step = is_one_phase ? dilation / stride : 1;
  shifts = last / stride / step + 1;
  taps.assign(static_cast<std::size_t>(phases * shifts), -1);
  for (std::int64_t k = 0; k < kernel; ++k) {
    const std::int64_t at = k * dilation;
    taps[static_cast<std::size_t>(at % stride * shifts + at / stride / step)] = k;
  }
}

AxisPhases AxisPhases::only(std::int64_t phase) const {
  const auto begin = taps.begin() + phase * shifts;
  AxisPhases axis = *this;
  axis.phases = 1;
  axis.taps.assign(begin, begin + shifts);
  while (axis.taps.size() > 1 && axis.taps.back() < 0) axis.taps.pop_back();
  axis.shifts = static_cast<std::int64_t>(axis.taps.size());
  return axis;
}

PhasePacking::PhasePacking(const Problem& p)
    : axes{AxisPhases(p.kernel[0], p.stride[0], p.dilation[0]),
           AxisPhases(p.kernel[1], p.stride[1], p.dilation[1]),
           AxisPhases(p.kernel[2], p.stride[2], p.dilation[2])},
      kernel(p.kernel),
      groups(p.groups),
      group_inputs(p.group_inputs),
      group_outputs(p.group_outputs),
      padded_outputs(p.group_outputs) {}

std::vector<PhasePacking> PhasePacking::by_phase() const {
  std::vector<PhasePacking> packings;
  for (std::int64_t phase = 0; phase < phases(); ++phase) {
    PhasePacking& of_phase = packings.emplace_back(*this);
    of_phase.axes = {axes[0].only(phase / axes[2].phases / axes[1].phases),
                     axes[1].only(phase / axes[2].phases % axes[1].phases),
                     axes[2].only(phase % axes[2].phases)};
  }
  return packings;
}

bool PhasePacking::is_identity() const {
  return shifts() == 1 && groups == 1 && padded_outputs == group_outputs && phases() == taps();
}

onednn::Layout PhasePacking::stored_layout() const {
  const std::int64_t inputs = groups * group_inputs, element = inputs * group_outputs;
  return {{inputs, group_outputs, kernel[0], kernel[1], kernel[2]},
          onednn::kFloat,
          {1, inputs, element * kernel[1] * kernel[2], element * kernel[2], element}};
}

onednn::Layout PhasePacking::grouped_layout() const {
  if (groups == 1) return stored_layout();
  onednn::Dims extents = onednn::extents(stored_layout());
  onednn::Dims strides = onednn::strides(stored_layout());
  extents[0] = group_inputs;
  extents.insert(extents.begin(), groups);
  strides.insert(strides.begin(), group_inputs);
  return {extents, onednn::kFloat, strides};
}

onednn::Layout PhasePacking::packed_layout() const {
  const auto& [d, h, w] = axes;
  const std::int64_t outputs = phases() * padded_outputs, per_group = outputs * group_inputs;
  const std::int64_t element = groups * per_group;
  onednn::Dims extents{outputs, group_inputs, d.shifts, h.shifts, w.shifts};
  onednn::Dims strides{group_inputs, 1, element * h.shifts * w.shifts, element * w.shifts, element};
  if (groups > 1) {
    extents.insert(extents.begin(), groups);
    strides.insert(strides.begin(), per_group);
  }
  return {extents, onednn::kFloat, strides};
}

void PhasePacking::pack(const float* stored, float* packed) const {
  for_each_run(*this, [&](std::int64_t from, std::int64_t to) {
    if (from < 0)
      std::fill_n(packed + to * group_inputs, group_inputs, 0.F);
    else
      std::copy_n(stored + from * group_inputs, group_inputs, packed + to * group_inputs);
  });
}

void PhasePacking::unpack(const float* packed, float* stored) const {
  for_each_run(*this, [&](std::int64_t to, std::int64_t from) {
    if (to >= 0)
      std::copy_n(packed + from * group_inputs, group_inputs, stored + to * group_inputs);
  });
}

}  // namespace lucid
