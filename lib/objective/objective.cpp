#include "objective/objective.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/registry.h"
#include "base/text.h"
#include "objective/coarse_targets.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr std::int64_t kBlock = 16384;  // elements that a thread processes at a time

void scale(std::span<float> gradient, float factor) {
  if (factor == 1) return;
  float* g = gradient.data();
  parallel_blocks(static_cast<std::int64_t>(gradient.size()), kBlock,
                  [=](std::int64_t begin, std::int64_t end) {
                    for (std::int64_t i = begin; i < end; ++i) g[i] *= factor;
                  });
}

void add_scaled(std::span<const float> gradient, float factor, std::span<float> sum) {
  const float* g = gradient.data();
  float* s = sum.data();
  parallel_blocks(static_cast<std::int64_t>(sum.size()), kBlock,
                  [=](std::int64_t begin, std::int64_t end) {
                    for (std::int64_t i = begin; i < end; ++i) s[i] += factor * g[i];
                  });
}

// Returns the main output's voxels per voxel of an output that needs coarser targets.
std::optional<Triple> strides_of(const ObjectiveTerm& term, const Shape& main,
                                 const Shape& output) {
  const bool takes_labels = term.loss->prediction_kind() != PredictionKind::kValues;
  return takes_labels ? target_strides(main, output) : std::nullopt;
}

// Returns the shape of the coarse targets, (D, H, W) or (C, D, H, W), if `target` has the voxels of
// the main output.
Shape coarse_shape(const Shape& target, const Shape& main, const Shape& output) {
  if (target.rank() < 3 || voxel_extents(target) != voxel_extents(main)) return target;
  std::vector<Shape::Extent> extents = target.extents();
  std::ranges::copy(voxel_extents(output), extents.end() - 3);
  return Shape(extents);
}

std::optional<ObjectiveTerm> read_term(JsonObject& object, std::span<const std::string> outputs) {
  ObjectiveTerm term;
  term.factor = static_cast<float>(object.number("factor", {.low = 0}, 1.0));
  term.output_name = object.string("output", outputs.empty() ? "" : outputs.front());
  const auto at = std::ranges::find(outputs, term.output_name);
  if (at == outputs.end() && !outputs.empty() && object.is_sound())
    object.error("output", no_such("output of the network", term.output_name, outputs));
  term.output = static_cast<std::size_t>(at - outputs.begin());
  term.loss = make_loss(object);
  if (term.loss == nullptr || !object.is_sound()) return std::nullopt;
  return term;
}

}  // namespace

Objective::Objective(std::vector<ObjectiveTerm> terms) : terms_(std::move(terms)) {
  const auto main = std::ranges::find(terms_, std::size_t{0}, &ObjectiveTerm::output);
  assert(main != terms_.end());
  main_ = main->loss.get();
}

std::optional<Triple> Objective::strides_of_output(std::span<const Shape> outputs,
                                                   std::size_t output) const {
  std::optional<Triple> strides;
  for (const ObjectiveTerm& term : terms_)
    if (term.output == output) strides = strides_of(term, outputs.front(), outputs[output]);
  return strides;
}

void Objective::check(std::span<const Shape> outputs, const Shape& target, TargetType type) const {
  for (const ObjectiveTerm& term : terms_) try {
      const Shape &main = outputs.front(), &output = outputs[term.output];
      const bool is_coarse = strides_of(term, main, output).has_value();
      term.loss->check(output, is_coarse ? coarse_shape(target, main, output) : target, type);
    } catch (const Error& error) {
      if (term.output == 0) throw;
      throw Error(error.code(), "output " + in_quotes(term.output_name) + ": " + error.what());
    }
}

std::vector<std::optional<ClassTargets>> Objective::label_ranges(std::span<const Shape> outputs,
                                                                 TargetType type) const {
  std::vector<std::optional<ClassTargets>> ranges;
  for (const ObjectiveTerm& term : terms_)
    ranges.push_back(term.loss->label_range(outputs[term.output], type));
  return ranges;
}

bool Objective::has_term(std::size_t count, std::size_t output) const {
  return std::ranges::any_of(std::span(terms_).first(count),
                             [&](const ObjectiveTerm& term) { return term.output == output; });
}

void Objective::differentiate(std::span<const OutputValues> outputs, std::span<const float> target,
                              const ObjectiveSums& whole, ObjectiveSums& sums) {
  sums.of_losses.resize(terms_.size());
  for (std::size_t i = 0; i < terms_.size(); ++i) {
    const ObjectiveTerm& term = terms_[i];
    const OutputValues& output = outputs[term.output];
    const bool is_first = output.gradient.empty() || !has_term(i, term.output);
    if (!is_first && gradient_.size() < output.gradient.size())
      gradient_.resize(output.gradient.size());
    const std::span<float> gradient =
        is_first ? output.gradient : std::span(gradient_).first(output.gradient.size());
    const auto of_term = whole.of_losses.empty() ? std::span<const double>() : whole.of_losses[i];
    term.loss->differentiate(output.shape, output.values,
                             targets_of(term, outputs.front().shape, output.shape, target),
                             gradient, of_term, sums.of_losses[i]);
    if (is_first)
      scale(gradient, term.factor);
    else
      add_scaled(gradient, term.factor, output.gradient);
  }
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (!has_term(terms_.size(), i)) std::ranges::fill(outputs[i].gradient, 0.F);
}

std::span<const float> Objective::targets_of(const ObjectiveTerm& term, const Shape& main,
                                             const Shape& output, std::span<const float> target) {
  const auto strides = strides_of(term, main, output);
  if (!strides) return target;
  take_coarse_targets(target, voxel_extents(main), *strides, coarse_);
  return coarse_;
}

void Objective::weigh(std::span<const Shape> outputs, std::span<const float> target,
                      ObjectiveSums& sums) {
  sums.of_losses.resize(terms_.size());
  for (std::size_t i = 0; i < terms_.size(); ++i) {
    const Shape& output = outputs[terms_[i].output];
    terms_[i].loss->weigh(output, targets_of(terms_[i], outputs.front(), output, target),
                          sums.of_losses[i]);
  }
}

bool Objective::whole_needs_predictions() const {
  return std::ranges::any_of(
      terms_, [](const ObjectiveTerm& term) { return term.loss->whole_needs_predictions(); });
}

std::optional<double> Objective::value(const ObjectiveSums& sums) const {
  std::optional<double> sum;
  for (std::size_t i = 0; i < sums.of_losses.size(); ++i)
    if (const auto loss = terms_[i].loss->value(sums.of_losses[i]))
      sum = sum.value_or(0) + static_cast<double>(terms_[i].factor) * *loss;
  return sum;
}

bool Objective::fits(std::span<const Shape> outputs, const ObjectiveSums& sums) const {
  if (sums.of_losses.size() > terms_.size()) return false;
  for (std::size_t i = 0; i < sums.of_losses.size(); ++i) {
    const std::size_t count = sums.of_losses[i].size();
    if (count != 0 && count != terms_[i].loss->sum_count(outputs[terms_[i].output])) return false;
  }
  return true;
}

float Objective::evaluate(std::span<const OutputValues> outputs, std::span<const float> target) {
  ObjectiveSums sums;
  differentiate(outputs, target, {}, sums);
  return static_cast<float>(value(sums).value_or(std::numeric_limits<double>::quiet_NaN()));
}

ObjectiveSums Objective::sums_of_part(std::span<const OutputValues> outputs,
                                      std::span<const std::span<const float>> targets) const {
  ObjectiveSums sums;
  for (const ObjectiveTerm& term : terms_) {
    const OutputValues& output = outputs[term.output];
    Loss::Sums& of_term = sums.of_losses.emplace_back();
    if (!output.values.empty())
      term.loss->sum_part(output.shape, output.values, targets[term.output], of_term);
  }
  return sums;
}

ObjectiveSums Objective::joined_parts(const ObjectiveSums& parts) const {
  ObjectiveSums sums;
  for (std::size_t i = 0; i < parts.of_losses.size(); ++i) {
    Loss::Sums& of_term = sums.of_losses.emplace_back();
    if (!parts.of_losses[i].empty()) terms_[i].loss->join_parts(parts.of_losses[i], of_term);
  }
  return sums;
}

std::optional<std::int64_t> Objective::ignore_index() const {
  const auto first = terms_.front().loss->ignore_index();
  const bool is_agreed = std::ranges::all_of(
      terms_, [&](const ObjectiveTerm& term) { return term.loss->ignore_index() == first; });
  return is_agreed ? first : std::nullopt;
}

bool Objective::wants_class_weights() const {
  return std::ranges::any_of(
      terms_, [](const ObjectiveTerm& term) { return term.loss->wants_class_weights(); });
}

std::unique_ptr<Objective> read_objective(JsonObject& root, std::span<const std::string> outputs) {
  const Json* loss = root.find("loss");
  std::vector<JsonObject> objects;
  if (loss != nullptr && loss->is_array())
    objects = root.objects("loss");
  else if (auto object = root.object("loss", true))
    objects.push_back(*object);
  std::vector<ObjectiveTerm> terms;
  for (JsonObject& object : objects)
    if (auto term = read_term(object, outputs)) terms.push_back(std::move(*term));
  if (terms.empty() || terms.size() < objects.size()) return nullptr;
  if (std::ranges::any_of(terms, [](const ObjectiveTerm& term) { return term.output == 0; }))
    return std::make_unique<Objective>(std::move(terms));
  root.error("loss", "expected a loss of the network's main output, " + in_quotes(outputs.front()) +
                         ", found none: metrics are those of it");
  return nullptr;
}

Json with_class_weights(const Json& losses, const Objective& objective,
                        std::span<const std::vector<std::int64_t>> counts) {
  Json resolved = losses;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (!objective.terms()[i].loss->wants_class_weights()) continue;
    Json& loss = resolved.is_array() ? resolved[i] : resolved;
    loss["weight"] = balanced_class_weights(counts[i]);
  }
  return resolved;
}

}  // namespace lucid
