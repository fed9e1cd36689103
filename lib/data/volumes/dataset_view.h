#pragma once

#include <memory>
#include <utility>

#include "data/volumes/dataset.h"

namespace lucid {

// Owns a set and answers as it does; what derives from it changes some of the answers.
class DatasetView : public Dataset {
 public:
  explicit DatasetView(std::unique_ptr<Dataset> set) : set_(std::move(set)) {}

  std::size_t size() const override { return set_->size(); }
  Shape sample_shape() const override { return set_->sample_shape(); }
  Shape target_shape() const override { return set_->target_shape(); }
  TargetType target_type() const override { return set_->target_type(); }
  bool has_targets() const override { return set_->has_targets(); }
  void read_sample(std::size_t index, std::span<float> sample) const override {
    set_->read_sample(index, sample);
  }
  void read_target(std::size_t index, std::span<float> target) const override {
    set_->read_target(index, target);
  }
  std::string target_place(std::size_t index) const override { return set_->target_place(index); }
  std::string sample_place(std::size_t index) const override { return set_->sample_place(index); }
  using Dataset::find_refused;
  std::optional<StoredValue> find_refused(SamplePart part, std::int64_t epoch, std::size_t index,
                                          const ValueRule& rule) const override {
    return set_->find_refused(part, epoch, index, rule);
  }
  std::vector<SampleOrigin> origins() const override { return set_->origins(); }

 protected:
  const Dataset& set() const { return *set_; }

 private:
  const std::unique_ptr<Dataset> set_;
};

}  // namespace lucid
