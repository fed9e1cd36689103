#include "objective/objective.h"

#include <algorithm>
#include <cassert>
#include <nlohmann/json.hpp>

#include "base/catalogue.h"
#include "base/text.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr std::int64_t kBlock = 16384;  // elements that a thread scales or adds at a time

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

void Objective::check(std::span<const Shape> outputs, const Shape& target, TargetType type) const {
  for (const ObjectiveTerm& term : terms_) try {
      term.loss->check(outputs[term.output], target, type);
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

float Objective::evaluate(std::span<const OutputValues> outputs, std::span<const float> target) {
  double sum = 0;
  for (std::size_t i = 0; i < terms_.size(); ++i) {
    const ObjectiveTerm& term = terms_[i];
    const OutputValues& output = outputs[term.output];
    const bool is_first = output.gradient.empty() || !has_term(i, term.output);
    if (!is_first && gradient_.size() < output.gradient.size())
      gradient_.resize(output.gradient.size());
    const std::span<float> gradient =
        is_first ? output.gradient : std::span(gradient_).first(output.gradient.size());
    const float loss = term.loss->evaluate(output.shape, output.values, target, gradient);
    sum += static_cast<double>(term.factor) * static_cast<double>(loss);
    if (is_first)
      scale(gradient, term.factor);
    else
      add_scaled(gradient, term.factor, output.gradient);
  }
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (!has_term(terms_.size(), i)) std::ranges::fill(outputs[i].gradient, 0.F);
  return static_cast<float>(sum);
}

Objective::Sums Objective::sums(std::span<const OutputValues> outputs,
                                std::span<const float> target) const {
  Sums sums;
  for (const ObjectiveTerm& term : terms_) {
    const OutputValues& output = outputs[term.output];
    sums.push_back(term.loss->sums(output.shape, output.values, target));
  }
  return sums;
}

double Objective::of_sums(const Sums& sums) const {
  double sum = 0;
  for (std::size_t i = 0; i < terms_.size(); ++i)
    sum += static_cast<double>(terms_[i].factor) * terms_[i].loss->of_sums(sums[i]);
  return sum;
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
  Json settled = losses;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (!objective.terms()[i].loss->wants_class_weights()) continue;
    Json& loss = settled.is_array() ? settled[i] : settled;
    loss["weight"] = balanced_class_weights(counts[i]);
  }
  return settled;
}

}  // namespace lucid
