#include "layers/table/probe.h"

#include <algorithm>
#include <stdexcept>

namespace lucid::test {
namespace {

ReferenceNetwork::Parameter& parameter_of(ReferenceNetwork& network, const std::string& name) {
  return *std::ranges::find(network.parameters, name, &ReferenceNetwork::Parameter::name);
}

Step step_without_kink(ReferenceNetwork& network, Array& tensor,
                       const std::vector<double>& direction) {
  network.forward();
  const std::vector<std::size_t> pattern = network.pattern;
  const std::vector<double> kept = tensor.values;
  const auto same_at = [&](double distance) {
    tensor.values = kept;
    move_along(std::span(tensor.values), direction, distance);
    network.forward();
    tensor.values = kept;
    return network.pattern == pattern;
  };
  double step = network.is_curved ? 0.0625 : 0.25;
  while (!(same_at(step) && same_at(-step))) {
    step /= 2;
    if (step < 0x1p-20) throw std::runtime_error("a kink too near; give the row another seed");
  }
  network.forward();
  return {step, network.is_curved};
}

}  // namespace

Array& value_of(ReferenceNetwork& network, const std::string& name) {
  return name == "input" ? network.input : parameter_of(network, name).value;
}

const Array& gradient_of(ReferenceNetwork& network, const std::string& name) {
  return name == "input" ? network.input_gradient : parameter_of(network, name).gradient;
}

std::vector<Probe> probes(ReferenceNetwork& network) {
  std::vector<std::string> names{"input"};
  for (const auto& parameter : network.parameters) names.push_back(parameter.name);
  std::vector<Probe> all;
  for (const std::string& name : names) {
    Array& tensor = value_of(network, name);
    std::vector<double> direction = random_signs(tensor.values.size(), Rng(1, name));
    const Step step = step_without_kink(network, tensor, direction);
    all.push_back({name, std::move(direction), step});
  }
  return all;
}

}  // namespace lucid::test
