#include "train/optimizer/optimizer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "support/approx.h"
#include "support/from_text.h"
#include "support/golden.h"

using namespace lucid;
using namespace lucid::test;

namespace {

OptimizerConfig optimizer_from(const std::string& text) {
  return from_text(text, "/optimizer", make_optimizer);
}

// Holds one parameter "layer/weight" with the given values.
class Subject {
 public:
  explicit Subject(const std::vector<float>& values) : Subject(shape_for(values), values) {}
  Subject(const Shape& shape, const std::vector<float>& values,
          const std::optional<Layout>& layout = std::nullopt) {
    parameters.add(engine, "layer", {"weight", shape, 0}, 1);
    if (layout) parameters.adopt(engine, parameter(), *layout);
    parameter().value.assign(engine, values);
    parameter().gradient = Tensor(engine, parameter().value.layout());
  }

  Parameter& parameter() { return parameters.at("layer/weight"); }
  std::vector<float> values() { return parameter().value.plain_values(engine); }
  void step(Optimizer& optimizer, const std::vector<float>& gradient, double learning_rate) {
    parameter().gradient.assign(engine, gradient);
    optimizer.step(parameters, optimizer.constant_rates(learning_rate));
  }

  Engine engine;
  Parameters parameters;

 private:
  static Shape shape_for(const std::vector<float>& values) {
    return {static_cast<Shape::Extent>(values.size())};
  }
};

const char* const kEveryOptimizer[] = {
    R"({"type": "SGD", "lr": 0.1, "weight_decay": 0.1})",
    R"({"type": "SGD", "lr": 0.1, "momentum": 0.9, "nesterov": true, "weight_decay": 0.1})",
    R"({"type": "Adam", "lr": 0.1, "weight_decay": 0.1, "betas": [0.8, 0.95], "eps": 1e-30})",
    R"({"type": "AdamW", "lr": 0.1, "eps": 1e-6})",
    R"({"type": "RMSprop", "lr": 0.1, "alpha": 0.9, "eps": 1e-6})",
    R"({"type": "RMSprop", "lr": 0.01, "momentum": 0.5, "centered": true, "weight_decay": 0.1,
        "eps": 1e-3})"};

// Returns values that differ between elements and between steps.
std::vector<float> wave(std::size_t count, double phase) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = static_cast<float>(std::sin(static_cast<double>(i) + phase));
  return values;
}

}  // namespace

TEST_CASE("optimizers agree with PyTorch after 1, 2 and 20 steps") {
  const Json golden = read_golden("training.json")["optimizers"];
  const auto halved_after = golden["halved_after"].get<std::size_t>();
  for (const Json& row : golden["cases"]) {
    const std::string config = json_text(row["config"]);
    CAPTURE(config);
    const OptimizerConfig made = optimizer_from(config);
    CHECK(made.learning_rate == row["config"]["lr"].get<double>());
    Subject subject(floats(golden["start"]));
    made.optimizer->prepare(subject.engine, subject.parameters);
    for (std::size_t step = 1; step <= golden["gradients"].size(); ++step) {
      subject.step(*made.optimizer, floats(golden["gradients"][step - 1]),
                   made.learning_rate * (step <= halved_after ? 1 : 0.5));
      if (!row["after"].contains(std::to_string(step))) continue;
      CAPTURE(step);
      // The absolute tolerance is for values near 0, whose error is that of the larger terms added.
      CHECK(subject.values() ==
            approx(doubles(row["after"][std::to_string(step)])).within(1e-6, 3e-7));
    }
  }
}

TEST_CASE("momentum by hand: the buffer starts as the first gradient") {
  const OptimizerConfig made = optimizer_from(R"({"type": "SGD", "lr": 1, "momentum": 0.5})");
  Subject subject({10});
  made.optimizer->prepare(subject.engine, subject.parameters);
  subject.step(*made.optimizer, {4}, 1);
  CHECK(subject.values() == std::vector<float>{6});
  subject.step(*made.optimizer, {1}, 1);
  CHECK(subject.values() == std::vector<float>{3});
  CHECK(made.optimizer->slots()[0].value.values()[0] == 3);
}

TEST_CASE("the first step of Adam is the learning rate, whatever the gradient") {
  const OptimizerConfig made = optimizer_from(R"({"type": "Adam", "lr": 0.5})");
  Subject subject({1, 1});
  made.optimizer->prepare(subject.engine, subject.parameters);
  subject.step(*made.optimizer, {1e-3F, -1e3F}, 0.5);
  CHECK(subject.values() == approx({0.5, 1.5}).within(2e-5));
}

TEST_CASE("slots are named as PyTorch names them") {
  const auto slot_names = [](const char* config) {
    const OptimizerConfig made = optimizer_from(config);
    Subject subject({1});
    made.optimizer->prepare(subject.engine, subject.parameters);
    std::string names;
    for (const OptimizerSlot& slot : made.optimizer->slots())
      names += slot.parameter + ":" + slot.name + " ";
    return names;
  };
  CHECK(slot_names(kEveryOptimizer[0]).empty());
  CHECK(slot_names(kEveryOptimizer[1]) == "layer/weight:momentum_buffer ");
  CHECK(slot_names(kEveryOptimizer[2]) == "layer/weight:exp_avg layer/weight:exp_avg_sq ");
  CHECK(slot_names(kEveryOptimizer[3]) == "layer/weight:exp_avg layer/weight:exp_avg_sq ");
  CHECK(slot_names(kEveryOptimizer[4]) == "layer/weight:square_avg ");
  CHECK(slot_names(kEveryOptimizer[5]) ==
        "layer/weight:square_avg layer/weight:momentum_buffer layer/weight:grad_avg ");
}

TEST_CASE("an optimizer goes on from saved slots with the same bits") {
  constexpr std::size_t kCount = 40000;  // several blocks
  for (const char* config : kEveryOptimizer) {
    CAPTURE(config);
    Subject straight(wave(kCount, 0));
    const auto first = optimizer_from(config).optimizer;
    first->prepare(straight.engine, straight.parameters);
    for (int step = 0; step < 2; ++step) straight.step(*first, wave(kCount, step + 1), 0.1);

    Subject resumed(straight.values());
    const auto second = optimizer_from(config).optimizer;
    second->prepare(resumed.engine, resumed.parameters);
    for (std::size_t i = 0; i < first->slots().size(); ++i)
      second->slots()[i].value.copy_from(resumed.engine, first->slots()[i].value);
    second->set_steps(first->steps());
    CHECK(second->steps() == 2);
    for (int step = 2; step < 4; ++step) {
      straight.step(*first, wave(kCount, step + 1), 0.05);
      resumed.step(*second, wave(kCount, step + 1), 0.05);
    }
    CHECK(resumed.values() == straight.values());
  }
}

TEST_CASE("padding stays zero and values do not depend on the layout") {
  // 5 output channels in blocks of 8: three of every eight elements are padding.
  const Shape shape = {5, 3, 2, 2, 2};
  const Layout blocked({5, 3, 2, 2, 2}, onednn::kFloat, dnnl::memory::format_tag::Acdeb8a);
  for (const char* config : kEveryOptimizer) {
    CAPTURE(config);
    Subject plain(shape, wave(shape.count(), 0));
    Subject padded(shape, wave(shape.count(), 0), blocked);
    REQUIRE(padded.parameter().value.values().size() == shape.count() / 5 * 8);
    for (Subject* subject : {&plain, &padded}) {
      const auto optimizer = optimizer_from(config).optimizer;
      optimizer->prepare(subject->engine, subject->parameters);
      for (int step = 1; step <= 3; ++step)
        subject->step(*optimizer, wave(shape.count(), step), 0.1);
    }
    CHECK(padded.values() == plain.values());
    const std::span<float> stored = padded.parameter().value.values();
    for (std::size_t i = 0; i < stored.size(); ++i)
      if (i % 8 >= 5) CHECK(stored[i] == 0);
  }
}

TEST_CASE("a step moves the version of the parameters") {
  Subject subject({1});
  const auto optimizer = optimizer_from(kEveryOptimizer[0]).optimizer;
  optimizer->prepare(subject.engine, subject.parameters);
  const std::uint64_t before = subject.parameters.version();
  subject.step(*optimizer, {1}, 0.1);
  CHECK(subject.parameters.version() > before);
}

TEST_CASE("a parameter without a gradient is left alone") {
  Subject subject({2});
  subject.parameters.add(subject.engine, "unbound", {"weight", {3}, 1}, 1);
  const std::vector<float> before =
      subject.parameters.at("unbound/weight").value.plain_values(subject.engine);
  const auto optimizer = optimizer_from(kEveryOptimizer[3]).optimizer;
  optimizer->prepare(subject.engine, subject.parameters);
  subject.step(*optimizer, {1}, 0.1);
  CHECK(subject.parameters.at("unbound/weight").value.plain_values(subject.engine) == before);
  CHECK(subject.values()[0] < 2);
}
