#include "kernels/blocked_gradient/segments.h"

#include <algorithm>

namespace lucid::blocked_gradient {
namespace {

// Keeps two channel blocks of dy and one of x in a first cache of 32 KiB: 128 * (2 + 1) * 64 bytes.
constexpr std::int64_t kRowBlockVoxels = 128;

constexpr std::int64_t kOutside = -1;

}  // namespace

SegmentLister::SegmentLister(const ConvGeometry& geometry) : g_(geometry) {
  // A single tap that reads every voxel lets all voxels be one row.
  if (g_.kernel == Triple{1, 1, 1} && g_.stride == Triple{1, 1, 1} && g_.input == g_.output)
    g_.input = g_.output = {1, 1, g_.output_voxels()};
  const bool is_plain = g_.input_lanes == 1 && !g_.is_depthwise();
  for (std::int64_t c = 0; c < (is_plain ? g_.group_inputs : 1); ++c)
    for (std::int64_t d = 0; d < g_.kernel[0]; ++d)
      for (std::int64_t h = 0; h < g_.kernel[1]; ++h)
        for (std::int64_t w = 0; w < g_.kernel[2]; ++w) {
          taps_.push_back({{d, h, w}, c});
          offsets_.push_back(
              (c * g_.input_voxels() +
               (d * g_.dilation[0] * g_.input[1] + h * g_.dilation[1]) * g_.input[2]) *
              g_.input_lanes);
        }
  rows_ = g_.samples * g_.output[0] * g_.output[1];
  pieces_ = std::max<std::int64_t>(1, g_.output[2] / kRowBlockVoxels);
  piece_voxels_ = ceil_divide(g_.output[2], pieces_);
  if (pieces_ == 1) row_block_rows_ = std::max<std::int64_t>(1, kRowBlockVoxels / g_.output[2]);
  list_column_ranges();
  const std::int64_t step = g_.stride[2] * g_.input_lanes;
  zeros_.resize(static_cast<std::size_t>(piece_voxels_ * step + 2 * g_.input_lanes));
}

void SegmentLister::list_column_ranges() {
  std::vector<std::int64_t> cuts = {0, g_.output[2]};
  for (std::int64_t w = 0; w < g_.kernel[2]; ++w) {
    const std::int64_t before = g_.padding[2] - w * g_.dilation[2];  // voxels outside, if above 0
    for (const std::int64_t place : {before, g_.input[2] + before})
      cuts.push_back(std::min(g_.output[2], place <= 0 ? 0 : ceil_divide(place, g_.stride[2])));
  }
  std::ranges::sort(cuts);
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
    ColumnRange& range = column_ranges_.emplace_back(ColumnRange{cuts[i], cuts[i + 1], {}});
    for (const Tap& tap : taps_) {
      const std::int64_t w =
          cuts[i] * g_.stride[2] - g_.padding[2] + tap.kernel[2] * g_.dilation[2];
      range.x.push_back(w < 0 || w >= g_.input[2] ? kOutside : w * g_.input_lanes);
    }
  }
}

SegmentLister::FloatRange SegmentLister::outputs_of(std::int64_t row_block) const {
  const std::int64_t row = pieces_ > 1 ? row_block / pieces_ : row_block * row_block_rows_;
  const std::int64_t rows_of_sample = g_.output[0] * g_.output[1];
  const std::int64_t first =
      (row / rows_of_sample * g_.output_blocks() * rows_of_sample + row % rows_of_sample) *
          g_.output[2] +
      row_block % pieces_ * piece_voxels_;
  return {first * g_.lanes, (first + row_block_rows_ * piece_voxels_) * g_.lanes};
}

SegmentLister::FloatRange SegmentLister::inputs_of(std::int64_t row_block) const {
  const std::int64_t row = pieces_ > 1 ? row_block / pieces_ : row_block * row_block_rows_;
  const std::int64_t plane = row / g_.output[1], h = row % g_.output[1];
  const auto last_tap = [&](std::size_t axis, std::int64_t at) {
    const std::int64_t place =
        at * g_.stride[axis] - g_.padding[axis] + (g_.kernel[axis] - 1) * g_.dilation[axis];
    return std::clamp<std::int64_t>(place, 0, g_.input[axis] - 1);
  };
  const std::int64_t first =
      plane / g_.output[0] * g_.input_blocks() * g_.input_voxels() +
      (last_tap(0, plane % g_.output[0]) * g_.input[1] + last_tap(1, h)) * g_.input[2] +
      row_block % pieces_ * piece_voxels_ * g_.stride[2];
  const std::int64_t voxels =
      pieces_ > 1 ? piece_voxels_ * g_.stride[2] : row_block_rows_ * g_.stride[1] * g_.input[2];
  return {first * g_.input_lanes, (first + voxels) * g_.input_lanes};
}

void SegmentLister::list(std::int64_t row_block, std::size_t first, std::size_t count,
                         const float* x, std::vector<Segment>& segments) const {
  segments.clear();
  if (pieces_ > 1) {
    const std::int64_t begin = row_block % pieces_ * piece_voxels_;
    const std::int64_t end = std::min(g_.output[2], begin + piece_voxels_);
    list_row(row_block / pieces_, begin, end, first, count, x, segments);
    return;
  }
  const std::int64_t end = std::min(rows_, (row_block + 1) * row_block_rows_);
  for (std::int64_t row = row_block * row_block_rows_; row < end; ++row)
    list_row(row, 0, g_.output[2], first, count, x, segments);
}

void SegmentLister::list_row(std::int64_t index, std::int64_t begin, std::int64_t end,
                             std::size_t first, std::size_t count, const float* x,
                             std::vector<Segment>& segments) const {
  const std::int64_t plane = index / g_.output[1], h = index % g_.output[1];
  const std::int64_t sample = plane / g_.output[0], d = plane % g_.output[0];
  const std::int64_t dy =
      (sample * g_.output_blocks() * g_.output_voxels() + (d * g_.output[1] + h) * g_.output[2]) *
      g_.lanes;
  std::array<const float*, kMostTaps> rows;  // null for a row outside x
  const Row row{dy, sample, d * g_.stride[0] - g_.padding[0], h * g_.stride[1] - g_.padding[1]};
  if (count > 0 && !find_rows(row, first, count, x, rows)) return;
  for (const ColumnRange& range : column_ranges_) {
    const std::int64_t w = std::max(begin, range.begin);
    const std::int64_t voxels = std::min(end, range.end) - w;
    if (voxels <= 0) continue;
    Segment& segment = segments.emplace_back();
    segment.dy = dy + w * g_.lanes;
    segment.voxels = voxels;
    const std::int64_t ahead = (w - range.begin) * g_.stride[2] * g_.input_lanes;
    for (std::size_t p = 0; p < count; ++p) {
      const std::int64_t at = range.x[first + p];
      segment.x[p] = rows[p] == nullptr || at == kOutside ? zeros_.data() : rows[p] + at + ahead;
    }
  }
}

bool SegmentLister::reads_inside() const {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::int64_t last = (g_.output[axis] - 1) * g_.stride[axis] - g_.padding[axis] +
                              (g_.kernel[axis] - 1) * g_.dilation[axis];
    if (g_.padding[axis] > 0 || last >= g_.input[axis]) return false;
  }
  return true;
}

void SegmentLister::move(std::size_t first, std::size_t other, std::size_t count, std::ptrdiff_t x,
                         std::vector<Segment>& segments) const {
  const auto place = [&](std::size_t tap) { return offsets_[tap] + column_ranges_[0].x[tap]; };
  std::array<std::ptrdiff_t, kMostTaps> steps{};
  for (std::size_t p = 0; p < count; ++p) steps[p] = place(other + p) - place(first) + x;
  for (Segment& segment : segments) {
    const float* const from = segment.x[0];
    for (std::size_t p = 0; p < count; ++p) segment.x[p] = from + steps[p];
  }
}

// Returns false if no tap is inside.
bool SegmentLister::find_rows(const Row& row, std::size_t first, std::size_t count, const float* x,
                              std::array<const float*, kMostTaps>& rows) const {
  const std::int64_t place = row.sample * g_.input_blocks() * g_.input_voxels() * g_.input_lanes +
                             (row.d * g_.input[1] + row.h) * g_.input[2] * g_.input_lanes;
  const std::int64_t last_d = row.d + (g_.kernel[0] - 1) * g_.dilation[0],
                     last_h = row.h + (g_.kernel[1] - 1) * g_.dilation[1];
  if (row.d >= 0 && last_d < g_.input[0] && row.h >= 0 && last_h < g_.input[1]) {
    for (std::size_t p = 0; p < count; ++p) rows[p] = x + place + offsets_[first + p];
    return true;
  }
  bool is_inside = false;
  for (std::size_t p = 0; p < count; ++p) {
    const auto& kernel = taps_[first + p].kernel;
    const std::int64_t d = row.d + kernel[0] * g_.dilation[0];
    const std::int64_t h = row.h + kernel[1] * g_.dilation[1];
    const bool reads = d >= 0 && d < g_.input[0] && h >= 0 && h < g_.input[1];
    rows[p] = reads ? x + (place + offsets_[first + p]) : nullptr;
    is_inside = is_inside || reads;
  }
  return is_inside;
}

}  // namespace lucid::blocked_gradient
