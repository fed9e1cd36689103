#include "plan/parameters.h"

#include <algorithm>
#include <cassert>

namespace lucid {

void Parameters::add(Engine& engine, const std::string& layer, const ParameterSpec& spec,
                     std::uint64_t seed) {
  Parameter parameter{layer + "/" + spec.name,
                      spec.shape,
                      Tensor(engine, onednn::plain_layout(spec.shape)),
                      {},
                      spec.is_buffer,
                      spec.momentum,
                      spec.is_synchronized};
  Rng rng(seed, "init/" + parameter.name);
  const auto bound = static_cast<float>(spec.init_bound),
             initial = static_cast<float>(spec.initial);
  for (float& value : parameter.value.values())
    value = bound > 0 ? initial + rng.uniform(-bound, bound) : initial;
  all_.push_back(std::move(parameter));
  is_adopted_.push_back(false);
}

Shape::Extent Parameters::element_count() const {
  Shape::Extent count = 0;
  for (const Parameter& parameter : all_)
    if (!parameter.is_buffer) count += parameter.shape.elements();
  return count;
}

Parameter* Parameters::find(std::string_view name) {
  for (Parameter& parameter : all_)
    if (parameter.name == name) return &parameter;
  return nullptr;
}

Parameter& Parameters::at(std::string_view name) {
  Parameter* parameter = find(name);
  assert(parameter != nullptr);
  return *parameter;
}

void Parameters::adopt(Engine& engine, Parameter& parameter, const Layout& layout) {
  const auto index = static_cast<std::size_t>(&parameter - all_.data());
  if (is_adopted_.at(index)) return;
  is_adopted_[index] = true;
  if (parameter.value.layout() == layout) return;
  const std::vector<float> plain = parameter.value.plain_values(engine);
  parameter.value = Tensor(engine, layout);
  parameter.value.assign(engine, plain);
}

void Parameters::pack_gradients(Engine& engine, std::span<Parameter* const> order) {
  std::vector<Parameter*> wanted(order.begin(), order.end());
  for (Parameter& parameter : all_)
    if (parameter.gradient && std::ranges::find(wanted, &parameter) == wanted.end())
      wanted.push_back(&parameter);
  const auto padded = [](const Parameter& parameter) {
    const std::size_t count = parameter.gradient.bytes() / sizeof(float);
    return (count + kGradientAlignment - 1) / kGradientAlignment * kGradientAlignment;
  };
  std::size_t count = 0;
  for (const Parameter* parameter : wanted) count += padded(*parameter);
  Storage storage = allocate_storage(count * sizeof(float));
  auto* const begin = reinterpret_cast<float*>(storage.get());
  std::fill_n(begin, count, 0.F);
  std::size_t at = 0;
  for (Parameter* parameter : wanted) {
    Tensor moved(engine, parameter->gradient.layout(), begin + at);
    std::ranges::copy(parameter->gradient.values(), moved.values().begin());
    parameter->gradient = moved;
    at += padded(*parameter);
  }
  gradient_storage_ = std::move(storage);
  gradients_ = begin;
  gradient_count_ = count;
}

std::size_t Parameters::gradient_end(const Parameter& parameter) const {
  const std::span<const float> values = parameter.gradient.values();
  return static_cast<std::size_t>(values.data() + values.size() - gradients_);
}

}  // namespace lucid
