#include "layers/convolution/problem/thresholds.h"

#include <array>

namespace lucid {
namespace {

using onednn::VectorSet;

constexpr const char* kAmd = "AuthenticAMD";

// `lucid-bench tune` on two cores of an EPYC. Zen 4 runs 512 bits in two halves:
// its peak is the same with either vectors.
constexpr Thresholds kZen4{.name = "Zen 4, AVX-512",
                           .winograd_channels = 12,
                           .winograd_gradient_inputs = 8,
                           .winograd_voxels = 512,
                           .blocked_gradient_row = 20,
                           .small_channel_row = 20,
                           .first_layer_row = 20,
                           .first_layer_gradient_row = 8,
                           .first_layer_strided = 0.9};
constexpr Thresholds kZen4Avx2{.name = "Zen 4, AVX2",
                               .winograd_channels = 12,
                               .winograd_gradient_inputs = 12,
                               .winograd_voxels = 1000,
                               .blocked_gradient_row = 7,
                               .small_channel_row = 7,
                               .small_channel_inputs = 8,
                               .first_layer_row = 8,
                               .first_layer_gradient_row = 8,
                               .first_layer_strided = 1};

constexpr std::array kTable = {
    ThresholdsRow{kAmd, 25, 0x10, 0x1f, VectorSet::kAvx512, kZen4},
    ThresholdsRow{kAmd, 25, 0x60, 0xaf, VectorSet::kAvx512, kZen4},
    ThresholdsRow{kAmd, 25, 0x10, 0x1f, VectorSet::kAvx2, kZen4Avx2},
    ThresholdsRow{kAmd, 25, 0x60, 0xaf, VectorSet::kAvx2, kZen4Avx2},
};

}  // namespace

std::span<const ThresholdsRow> thresholds_table() { return kTable; }

Thresholds thresholds_of(const Processor& processor, VectorSet vectors) {
  for (const ThresholdsRow& row : kTable)
    if (processor.vendor == row.vendor && processor.family == row.family &&
        processor.model >= row.first_model && processor.model <= row.last_model &&
        vectors == row.vectors)
      return row.thresholds;
  return {};
}

}  // namespace lucid
