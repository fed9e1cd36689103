#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "layers/convolution/forced_routes.h"
#include "layers/convolution/routes.h"
#include "layers/table/probe.h"
#include "support/sanitized.h"

// One NaN or infinity in the input, a parameter or a buffer of every row of the table.
namespace lucid::test {
namespace {

constexpr std::array<float, 3> kPoisons{kNaN, kInfinity, -kInfinity};
constexpr std::array<float, 2> kFewPoisons{kNaN, kInfinity};  // for every route

// The plan that inference takes when something is not finite.
const CompileOptions kCareful{.fuse_relu = false, .routes = {.forward = "onednn"}};

bool is_finite(double value) { return std::isfinite(value); }

bool has_non_finite(std::span<const float> values) {
  return std::ranges::any_of(values, [](float value) { return !std::isfinite(value); });
}

// Where the loops make something that is not finite, the plan has to, too.
template <class Range>
std::size_t lost(const std::vector<double>& expected, const Range& found) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < expected.size(); ++i)
    if (!is_finite(expected[i]) && is_finite(static_cast<double>(found[i]))) ++count;
  return count;
}

std::vector<std::string> names_of(const ReferenceNetwork& network) {
  std::vector<std::string> names{"input"};
  for (const auto& parameter : network.parameters) names.push_back(parameter.name);
  for (const auto& buffer : network.buffers) names.push_back(buffer.name);
  return names;
}

Array& tensor_of(ReferenceNetwork& network, const std::string& name) {
  for (auto& buffer : network.buffers)
    if (buffer.name == name) return buffer.value;
  return value_of(network, name);
}

// A tensor of a row with a poison in its middle, and what the loops make of it.
struct Poisoned {
  std::string name;
  std::vector<float> clean, values;
  std::vector<double> output;
  std::string text;
};

std::vector<Poisoned> poisoned(const Case& row, Mode mode, std::span<const float> poisons) {
  std::vector<Poisoned> all;
  ReferenceNetwork reference(row, mode);
  for (const std::string& name : names_of(reference)) {
    Array& tensor = tensor_of(reference, name);
    const Array clean = tensor;
    for (const float poison : poisons) {
      tensor.values[tensor.values.size() / 2] = static_cast<double>(poison);
      reference.forward();
      all.push_back({name, as_floats(clean), as_floats(tensor), reference.output.values,
                     row.name + ": " + std::to_string(poison) + " in " + name});
      tensor = clean;
    }
  }
  return all;
}

// The routes that a training plan of the row could take for a pass.
std::vector<std::string> possible_routes(const Case& row) {
  std::vector<std::string> names;
  const CompiledCase compiled(row, training({}));
  for (const RouteChoice& choice : compiled.plan.choices())
    for (const RouteVerdict& verdict : choice.verdicts)
      if (verdict.why_not.empty() && std::ranges::find(names, verdict.route) == names.end())
        names.push_back(verdict.route);
  return names;
}

bool interpolates(const Case& row) {
  return std::ranges::any_of(row.layers, [](const Json& layer) {
    return layer["type"] == "Upsample" && layer.value("mode", "nearest") != "nearest";
  });
}

// Interpolation leaves out a neighbour whose share is 0, which the loops multiply by 0.
void check_output(const Case& row, const Poisoned& poison, std::span<const float> found) {
  INFO(poison.text);
  if (!interpolates(row)) CHECK(lost(poison.output, found) == 0);
}

// Whether a step ends with something that training notices: an output or a gradient.
bool is_noticed(CompiledCase& compiled) {
  if (has_non_finite(compiled.forward())) return true;
  compiled.backward();
  return std::ranges::any_of(compiled.model.parameters(), [&](const Parameter& parameter) {
    return parameter.is_trained() && has_non_finite(compiled.gradient(parameter.name));
  });
}

}  // namespace

TEST_CASE("careful inference loses no NaN and no infinity of data, parameters and buffers" *
          doctest::skip(test::kIsSanitized)) {
  for (const Case& row : cases()) {
    const ReferenceNetwork numbers(row, Mode::kInfer);
    CompiledCase compiled(row, numbers, kCareful);
    for (const Poisoned& poison : poisoned(row, Mode::kInfer, kPoisons)) {
      compiled.set(poison.name, poison.values);
      check_output(row, poison, compiled.forward());
      compiled.set(poison.name, poison.clean);
    }
  }
}

TEST_CASE("no route loses a NaN or an infinity of data and parameters" *
          doctest::skip(test::kIsSanitized)) {
  for (const Case& row : cases()) {
    if (!has_convolution(row)) continue;
    const ReferenceNetwork numbers(row);
    const std::vector<Poisoned> poisons = poisoned(row, Mode::kTrain, kFewPoisons);
    for (const std::string& route : possible_routes(row)) {
      CAPTURE(route);
      CompileOptions options = training(forced(route));
      options.fuse_relu = false;
      CompiledCase compiled(row, numbers, options);
      for (const Poisoned& poison : poisons) {
        compiled.set(poison.name, poison.values);
        check_output(row, poison, compiled.forward());
        compiled.set(poison.name, poison.clean);
      }
    }
  }
}

TEST_CASE("a training step notices a NaN or an infinity of its data by every route" *
          doctest::skip(test::kIsSanitized)) {
  for (const Case& row : cases()) {
    const ReferenceNetwork numbers(row);
    if (numbers.parameters.empty() || !has_convolution(row)) continue;
    std::vector<Poisoned> poisons = poisoned(row, Mode::kTrain, kFewPoisons);
    std::erase_if(poisons, [](const Poisoned& poison) {
      return poison.name != "input" || std::ranges::all_of(poison.output, is_finite);
    });
    for (const std::string& route : possible_routes(row)) {
      CAPTURE(route);
      CompiledCase compiled(row, numbers, training(forced(route)));
      for (const Poisoned& poison : poisons) {
        INFO(poison.text);
        compiled.set("input", poison.values);
        CHECK(is_noticed(compiled));
      }
    }
  }
}

}  // namespace lucid::test
