#include <doctest/doctest.h>

#include <algorithm>

#include "graph/branches.h"
#include "graph/compile.h"
#include "graph/fuse.h"
#include "graph/model.h"
#include "support/approx.h"

namespace lucid {
namespace {

using test::Branches;

const Shape kBranchInput{4, 5, 4, 3};
constexpr Shape::Extent kBatch = 2;

// Builds trunk -> main and trunk -> side, which are both outputs.
Graph two_ended() {
  Branches branches(kBranchInput);
  const int trunk = branches.relu(branches.conv(Branches::kInput, 8));
  const int main = branches.conv(trunk, 3), side = branches.conv(trunk, 5);
  return branches.graph().with_outputs({main, side});
}

std::vector<float> ramp(std::size_t count, float scale) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = scale * (static_cast<float>(i % 17) - 8.F) / 8.F;
  return values;
}

// Returns the gradients of the parameters if the two outputs have gradients of these sizes.
std::vector<std::vector<float>> gradients_of(Model& model, float main, float side) {
  Plan& plan = model.plan(Mode::kTrain, kBatch);
  std::ranges::copy(ramp(plan.input().values().size(), 1), plan.input().values().begin());
  plan.forward();
  for (const std::size_t i : {0U, 1U}) {
    const auto values = plan.output_gradient(i).values();
    std::ranges::copy(ramp(values.size(), i == 0 ? main : side), values.begin());
  }
  plan.backward();
  std::vector<std::vector<float>> gradients;
  for (const Parameter& parameter : model.parameters())
    gradients.push_back(parameter.gradient.plain_values(model.engine()));
  return gradients;
}

}  // namespace

TEST_CASE("the gradients of several outputs add up") {
  Engine engine{1};
  Model model(two_ended(), engine, 7);
  const auto both = gradients_of(model, 1, 0.5F), main = gradients_of(model, 1, 0),
             side = gradients_of(model, 0, 0.5F);
  for (std::size_t p = 0; p < both.size(); ++p) {
    std::vector<float> sum = main[p];
    std::ranges::transform(sum, side[p], sum.begin(), std::plus());
    CHECK(both[p] == test::approx(sum).within(1e-5, 1e-5));
  }
  const auto is_zero = [](float value) { return value == 0; };
  CHECK(std::ranges::all_of(main[4], is_zero));  // the weight of the side output
  CHECK_FALSE(std::ranges::all_of(main[0], is_zero));
  CHECK_FALSE(std::ranges::all_of(side[0], is_zero));
}

TEST_CASE("a prediction leaves out what only other outputs need") {
  Engine engine{1};
  Model model(two_ended(), engine, 7);
  const CompileOptions main_only{.batch = kBatch, .main_output_only = true};
  Plan &all = model.plan(Mode::kInfer, kBatch), &main = model.plan(main_only);
  for (Plan* plan : {&all, &main}) {
    std::ranges::copy(ramp(plan->input().values().size(), 1), plan->input().values().begin());
    plan->forward();
  }
  CHECK(all.output_count() == 2);
  CHECK(main.output_count() == 1);
  CHECK(main.report().size() < all.report().size());
  CHECK(std::ranges::equal(main.output().values(), all.output().values()));
  CHECK(all.output(1).values().size() == kBatch * 5 * 5 * 4 * 3);
}

TEST_CASE("a ReLU is not fused into a layer that is an output itself") {
  Branches branches(kBranchInput);
  const int conv = branches.conv(Branches::kInput, 8), relu = branches.relu(conv);
  const Graph plain = branches.graph();
  CHECK(fused_relus(plain) == std::vector<int>{relu, -1});
  Branches again(kBranchInput);
  again.relu(again.conv(Branches::kInput, 8));
  CHECK(fused_relus(again.graph().with_outputs({relu, conv})) == std::vector<int>{-1, -1});
}

TEST_CASE("an output may be read by other layers, too") {
  Branches branches(kBranchInput);
  const int relu = branches.relu(branches.conv(Branches::kInput, 8));
  const int main = branches.conv(relu, 3);
  Engine engine{1};
  Model model(branches.graph().with_outputs({main, relu}), engine, 7);
  Plan& plan = model.plan(Mode::kTrain, kBatch);
  std::ranges::copy(ramp(plan.input().values().size(), 1), plan.input().values().begin());
  plan.forward();
  CHECK(std::ranges::all_of(plan.output(1).values(), [](float value) { return value >= 0; }));
  CHECK(std::ranges::any_of(plan.output(1).values(), [](float value) { return value > 0; }));
  std::ranges::fill(plan.output_gradient(0).values(), 0.F);
  std::ranges::fill(plan.output_gradient(1).values(), 0.F);
  plan.backward();
  for (const Parameter& parameter : model.parameters())
    CHECK(std::ranges::all_of(parameter.gradient.values(), [](float value) { return value == 0; }));
}

}  // namespace lucid
