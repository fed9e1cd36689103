#include "objective/loss/cross_entropy_block.h"

#include <numeric>

namespace lucid {
namespace {

// Up to this many classes, vector code compares all voxels with each class. With more classes each
// voxel reads the element of its own class.
constexpr std::int64_t kFewClasses = 16;

// The factors that follow from the labels, one element per voxel of the block.
struct Labels {
  PerVoxel counts;  // 0 if ignored, else 1
  PerVoxel weight;  // of the label's class; 0 if ignored
};

LUCID_CLONED(void, find_counts, (const VoxelBlock& block, float ignored, PerVoxel& counts),
             (block, ignored, counts)) {
  for (std::int64_t v = 0; v < block.voxels; ++v)
    counts[static_cast<std::size_t>(v)] = block.target[v] == ignored ? 0.F : 1.F;
}

void find_labels(const VoxelBlock& block, const ClassTerms& terms, Labels& labels) {
  find_counts(block, static_cast<float>(terms.ignore_index), labels.counts);
  const auto voxels = static_cast<std::size_t>(block.voxels);
  std::copy_n(labels.counts.begin(), voxels, labels.weight.begin());
  if (terms.weight.empty()) return;
  for (std::size_t v = 0; v < voxels; ++v) {
    const auto label = static_cast<std::int64_t>(labels.counts[v] * block.target[v]);
    labels.weight[v] *= terms.weight_of(label);
  }
}

// Sets the losses of the voxels whose label is class c: weight times -log of its probability.
LUCID_CLONED(void, add_cross_entropies,
             (const VoxelBlock& block, std::int64_t c, const PerVoxel& weight,
              const PerVoxel& largest, const PerVoxel& logs, PerVoxel& losses),
             (block, c, weight, largest, logs, losses)) {
  const float* row = block.prediction + c * block.stride;
  const auto label = static_cast<float>(c);
#pragma omp simd
  for (std::size_t v = 0; v < static_cast<std::size_t>(block.voxels); ++v) {
    const float loss = weight[v] * (logs[v] - (row[v] - largest[v]));
    losses[v] = block.target[v] == label && weight[v] != 0.F ? loss : losses[v];
  }
}

// `row` holds the exponentials of a class at the start and its gradient at the end.
LUCID_CLONED(void, scale_exponentials,
             (std::int64_t voxels, const PerVoxel& factor, const PerVoxel& counts, float smooth,
              float* row),
             (voxels, factor, counts, smooth, row)) {
#pragma omp simd
  for (std::size_t v = 0; v < static_cast<std::size_t>(voxels); ++v)
    row[v] = row[v] * factor[v] - smooth * counts[v];
}

LUCID_CLONED(void, subtract_hits,
             (const VoxelBlock& block, std::int64_t c, float hit, const PerVoxel& weight),
             (block, c, hit, weight)) {
  float* row = block.gradient + c * block.stride;
  const auto label = static_cast<float>(c);
#pragma omp simd
  for (std::size_t v = 0; v < static_cast<std::size_t>(block.voxels); ++v)
    row[v] -= block.target[v] == label ? hit * weight[v] : 0.F;
}

void subtract_hits(const VoxelBlock& block, float hit, const PerVoxel& weight) {
  for (std::int64_t c = 0; c < block.classes && block.classes <= kFewClasses; ++c)
    subtract_hits(block, c, hit, weight);
  for (std::int64_t v = 0; v < block.voxels && block.classes > kFewClasses; ++v) {
    const float of_label = weight[static_cast<std::size_t>(v)];
    if (of_label == 0.F) continue;
    const auto label = static_cast<std::int64_t>(block.target[v]);
    block.gradient[label * block.stride + v] -= hit * of_label;
  }
}

LUCID_CLONED(void, find_factors,
             (std::int64_t voxels, const Labels& labels, float hit, float miss, const PerVoxel& sum,
              PerVoxel& factor),
             (voxels, labels, hit, miss, sum, factor)) {
#pragma omp simd
  for (std::size_t v = 0; v < static_cast<std::size_t>(voxels); ++v)
    factor[v] = (hit * labels.weight[v] + miss * labels.counts[v]) / sum[v];
}

// At the start the gradient holds exponentials of the logits, whose sums over the classes are
// `sum`.
void turn_into_gradient(const VoxelBlock& block, const CrossEntropyTerms& terms,
                        const Labels& labels, const PerVoxel& sum, double scale) {
  const double share = scale * terms.smoothing / static_cast<double>(block.classes);
  const double all = terms.weight.empty()
                         ? static_cast<double>(block.classes)
                         : std::accumulate(terms.weight.begin(), terms.weight.end(), 0.0);
  const auto hit = static_cast<float>(scale * (1 - terms.smoothing));
  PerVoxel factor;
  find_factors(block.voxels, labels, hit, static_cast<float>(share * all), sum, factor);
  for (std::int64_t c = 0; c < block.classes; ++c)
    scale_exponentials(block.voxels, factor, labels.counts,
                       static_cast<float>(share * terms.weight_of(c)),
                       block.gradient + c * block.stride);
  subtract_hits(block, hit, labels.weight);
}

LUCID_CLONED(double, add_up, (std::int64_t voxels, const PerVoxel& numbers), (voxels, numbers)) {
  return sum_over(voxels, [&](std::size_t v) LUCID_ALWAYS_INLINE { return numbers[v]; });
}

// Returns the loss without label smoothing.
double add_hits(const VoxelBlock& block, const PerVoxel& weight, const PerVoxel& largest,
                const PerVoxel& logs) {
  PerVoxel losses;
  std::fill_n(losses.begin(), block.voxels, 0.F);
  for (std::int64_t c = 0; c < block.classes && block.classes <= kFewClasses; ++c)
    add_cross_entropies(block, c, weight, largest, logs, losses);
  for (std::int64_t v = 0; v < block.voxels && block.classes > kFewClasses; ++v) {
    const auto i = static_cast<std::size_t>(v);
    if (weight[i] == 0.F) continue;
    const auto label = static_cast<std::int64_t>(block.target[v]);
    losses[i] = weight[i] * (logs[i] - (block.prediction[label * block.stride + v] - largest[i]));
  }
  return add_up(block.voxels, losses);
}

double add_losses(const VoxelBlock& block, const CrossEntropyTerms& terms, const Labels& labels,
                  const PerVoxel& largest, const PerVoxel& sum) {
  PerVoxel logs;
  find_logs(block.voxels, sum, logs);
  const double loss = add_hits(block, labels.weight, largest, logs);
  if (terms.smoothing == 0) return loss;
  double smooth = 0;
  for (std::int64_t c = 0; c < block.classes; ++c) {
    const float* row = block.prediction + c * block.stride;
    PerVoxel losses;
    for (std::size_t v = 0; v < static_cast<std::size_t>(block.voxels); ++v)
      losses[v] = labels.counts[v] == 0.F ? 0.F : logs[v] - (row[v] - largest[v]);
    smooth += terms.weight_of(c) * add_up(block.voxels, losses);
  }
  return (1 - terms.smoothing) * loss +
         terms.smoothing / static_cast<double>(block.classes) * smooth;
}

}  // namespace

double add_losses(const VoxelBlock& block, const CrossEntropyTerms& terms, const PerVoxel& largest,
                  const PerVoxel& sum) {
  Labels labels;
  find_labels(block, terms, labels);
  return add_losses(block, terms, labels, largest, sum);
}

double cross_entropy(const VoxelBlock& block, const CrossEntropyTerms& terms, double scale) {
  PerVoxel largest, sum;
  Labels labels;
  find_max(block, largest);
  add_exponentials(block, largest, sum);
  find_labels(block, terms, labels);
  const double loss = add_losses(block, terms, labels, largest, sum);
  if (block.gradient != nullptr) turn_into_gradient(block, terms, labels, sum, scale);
  return loss;
}

}  // namespace lucid
