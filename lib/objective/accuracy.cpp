#include <array>
#include <cassert>
#include <limits>

#include "objective/metrics.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr std::int64_t kBlock = 512;  // voxels

struct Hits {
  std::int64_t right = 0, all = 0;
};

// The share of samples or voxels that are predicted right.
class Accuracy : public Metric {
 public:
  const std::string& name() const override { return name_; }
  bool higher_is_better() const override { return true; }
  void reset() override { hits_ = {}; }
  double value() const override {
    if (hits_.all == 0) return std::numeric_limits<double>::quiet_NaN();
    return static_cast<double>(hits_.right) / static_cast<double>(hits_.all);
  }

 protected:
  // Adds what look(i) finds for i = 0 .. blocks-1.
  template <class Look>
  void gather(std::int64_t blocks, const Look& look) {
    std::vector<Hits> parts(static_cast<std::size_t>(blocks));
    parallel_for(blocks, [&](std::int64_t i) { parts[static_cast<std::size_t>(i)] = look(i); });
    for (const Hits& part : parts) {
      hits_.right += part.right;
      hits_.all += part.all;
    }
  }

 private:
  std::string name_ = "accuracy";
  Hits hits_;
};

// The largest logit of axis 1 wins, the first of equal ones.
class ClassAccuracy final : public Accuracy {
 public:
  explicit ClassAccuracy(std::optional<std::int64_t> ignore_index)
      : ignored_(ignore_index ? static_cast<float>(*ignore_index)
                              : std::numeric_limits<float>::quiet_NaN()) {}  // equals nothing

  void add(const Shape& shape, std::span<const float> prediction,
           std::span<const float> target) override {
    const std::int64_t classes = shape[1];
    const std::int64_t voxels = shape.elements() / (shape[0] * classes);
    assert(prediction.size() == shape.count());
    assert(target.size() == static_cast<std::size_t>(shape[0] * voxels));
    const std::int64_t blocks = (voxels + kBlock - 1) / kBlock;  // of one sample
    gather(shape[0] * blocks, [&](std::int64_t i) {
      const std::int64_t sample = i / blocks, first = i % blocks * kBlock;
      return look_at(prediction.data() + sample * classes * voxels + first,
                     target.data() + sample * voxels + first, std::min(kBlock, voxels - first),
                     classes, voxels);
    });
  }

 private:
  Hits look_at(const float* prediction, const float* target, std::int64_t voxels,
               std::int64_t classes, std::int64_t stride) const {
    const auto count = static_cast<std::size_t>(voxels);
    std::array<float, kBlock> best, winner{};
    std::copy_n(prediction, voxels, best.begin());
    for (std::int64_t c = 1; c < classes; ++c) {
      const float* row = prediction + c * stride;
      const auto number = static_cast<float>(c);
      // Two loops, since GCC turns a single select into vector code, not a pair of them.
      for (std::size_t v = 0; v < count; ++v) winner[v] = row[v] > best[v] ? number : winner[v];
      for (std::size_t v = 0; v < count; ++v) best[v] = row[v] > best[v] ? row[v] : best[v];
    }
    std::int32_t right = 0, all = 0;  // without branches: labels and winners are hard to guess
    for (std::size_t v = 0; v < count; ++v) {
      const int counts = target[v] == ignored_ ? 0 : 1;
      all += counts;
      right += counts & (winner[v] == target[v] ? 1 : 0);
    }
    return {.right = right, .all = all};
  }

  float ignored_;
};

// A logit above 0 says 1; a target above a half is 1.
class BinaryAccuracy final : public Accuracy {
 public:
  void add(const Shape& shape, std::span<const float> prediction,
           std::span<const float> target) override {
    assert(prediction.size() == shape.count() && target.size() == prediction.size());
    gather((shape.elements() + kBlock - 1) / kBlock, [&](std::int64_t block) {
      const std::int64_t end = std::min(shape.elements(), (block + 1) * kBlock);
      Hits hits{.right = 0, .all = end - block * kBlock};
      for (auto i = static_cast<std::size_t>(block * kBlock); i < static_cast<std::size_t>(end);
           ++i)
        hits.right += (prediction[i] > 0) == (target[i] > 0.5F) ? 1 : 0;
      return hits;
    });
  }
};

}  // namespace

std::unique_ptr<Metric> make_accuracy(const Loss& loss, const Shape& prediction) {
  if (loss.prediction_kind() == PredictionKind::kBinaryLogits)
    return std::make_unique<BinaryAccuracy>();
  return std::make_unique<ClassAccuracy>(loss.class_targets(prediction)->ignore_index);
}

}  // namespace lucid
