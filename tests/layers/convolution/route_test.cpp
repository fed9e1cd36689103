#include "layers/convolution/problem/route.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "layers/convolution/forced_routes.h"
#include "layers/convolution/routes.h"

// A route is a name, a judgement and what it records; the list alone knows which there are.
namespace lucid::test {
namespace {

constexpr Tolerance kRouteTolerance{1e-4, 5e-5};

// Computes a forward pass of one channel, stride 1 and no padding by the definition.
struct Toy {
  static Verdict judge(const Problem& p, Pass pass, const Layouts&, const Machine&) {
    if (pass != Pass::kForward) return impossible("computes forward passes alone");
    const bool is_known = p.inputs() == 1 && p.outputs() == 1 && !p.is_strided() &&
                          !p.is_dilated() && p.pad_low == Triple{} && p.is_float();
    return is_known ? Verdict{nullptr, 0.01, onednn::Order::kPlain} : impossible("not that simple");
  }

  static Recorded record(PlanBuilder& b, const Problem& p, Pass, const Operands& operands) {
    Recorded recorded;
    recorded.x = b.in_layout(operands.x, onednn::plain_layout(p.x_extents()));
    recorded.y = b.produce(onednn::plain_layout(p.y_extents()));
    const Value weight = operands.weight(onednn::plain_layout(p.weight_extents()));
    b.product_step(operands.step, "toy",
                   {reads(Slot::kX, recorded.x), reads(Slot::kWeight, weight),
                    reads(Slot::kBias, bias_of(b, p)), writes(Slot::kY, recorded.y)},
                   [p](const StepArguments& step) { compute(p, step); });
    return recorded;
  }

  static void compute(const Problem& p, const StepArguments& step) {
    const float *x = step.in(Slot::kX), *weight = step.in(Slot::kWeight);
    float* y = step.out(Slot::kY);
    const auto for_each = [](const Triple& extents, const auto& body) {
      for (std::int64_t d = 0; d < extents[0]; ++d)
        for (std::int64_t h = 0; h < extents[1]; ++h)
          for (std::int64_t w = 0; w < extents[2]; ++w) body(d, h, w);
    };
    for_each(p.output, [&](std::int64_t d, std::int64_t h, std::int64_t w) {
      double sum = *step.in(Slot::kBias);
      const float* tap = weight;
      for_each(p.kernel, [&](std::int64_t kd, std::int64_t kh, std::int64_t kw) {
        sum += static_cast<double>(*tap++) *
               static_cast<double>(x[((d + kd) * p.input[1] + h + kh) * p.input[2] + w + kw]);
      });
      *y++ = static_cast<float>(sum);
    });
  }
};

constexpr Route kToy{"toy", Toy::judge, Toy::record};

template <int kCost>
Verdict judge_at(const Problem&, Pass, const Layouts&, const Machine&) {
  return {nullptr, kCost};
}

Verdict judge_impossible(const Problem&, Pass, const Layouts&, const Machine&) {
  return impossible("never");
}

Problem toy_problem() {
  return {.input = {5, 6, 7}, .output = {3, 5, 4}, .kernel = {3, 2, 4}, .has_bias = true};
}

// The output of one convolution, with fixed parameters and input, by a list of routes.
std::vector<float> output_by(const Routes& routes, const std::string& expected_route) {
  Engine engine(1);
  const Problem p = toy_problem();
  Parameters parameters;
  parameters.add(engine, "conv", {.name = "weight", .shape = {1, 1, 3, 2, 4}, .init_bound = 1}, 7);
  parameters.add(engine, "conv", {.name = "bias", .shape = {1}, .init_bound = 1}, 7);
  Recording recording(engine);
  Tensor x(engine, onednn::plain_layout(p.x_extents()));
  Tensor y(engine, onednn::plain_layout(p.y_extents()));
  NodeFrame frame;
  frame.name = "conv";
  frame.inputs = {recording.bind(x)};
  PlanBuilder b(recording, parameters, frame);
  Operands operands;
  operands.x = operands.input = b.input();
  operands.step = "convolution";
  operands.weight = [&](const Layout& layout) { return b.parameter("weight", layout); };
  const Recorded recorded = routes.record(b, p, Pass::kForward, operands);
  recording.step(recording.reorder_step("conv", recorded.y, recording.bind(y)));
  CHECK(recording.choices().front().chosen == expected_route);
  const std::size_t steps = recording.steps().size();
  Plan plan(std::move(recording), steps, {x, {}, {y}, {}}, parameters, nullptr);
  std::ranges::copy(drawn(1, 0, x.values().size(), 1), x.values().begin());
  plan.forward();
  return {y.values().begin(), y.values().end()};
}

// The routes that a plan of the row takes, by pass.
std::map<Pass, std::vector<std::string>> chosen_routes(const Case& row,
                                                       const ForcedRoutes& routes) {
  std::map<Pass, std::vector<std::string>> chosen;
  const CompiledCase compiled(row, training(routes));
  for (const RouteChoice& choice : compiled.plan.choices())
    chosen[choice.pass].push_back(choice.chosen);
  return chosen;
}

// Compares what the other passes take with what they take in a plan whose routes nobody forces.
void check_others(const Case& row, const ForcedRoutes& routes, Pass forced,
                  std::map<Pass, std::vector<std::string>> unforced) {
  auto chosen = chosen_routes(row, routes);
  chosen.erase(forced);
  unforced.erase(forced);
  CHECK(chosen == unforced);
}

}  // namespace

TEST_CASE("a new route is its own code and a place in the list") {
  std::vector<Route> with_toy{kToy};
  const auto known = convolution_routes().list();
  with_toy.insert(with_toy.end(), known.begin(), known.end());
  const auto by_known = output_by(Routes(known.last(1)), "onednn");
  CHECK(output_by(Routes(with_toy), "toy") == approx(by_known).within(1e-6, 1e-6));
}

TEST_CASE("the cheapest possible route is chosen, the first of equal ones, and a forced one") {
  const std::vector<Route> list = {{"impossible", judge_impossible, nullptr},
                                   {"dear", judge_at<3>, nullptr},
                                   {"cheap", judge_at<2>, nullptr},
                                   {"as cheap", judge_at<2>, nullptr}};
  const Routes routes(list);
  const auto chosen = [&](std::string_view forced) {
    return std::string(
        routes.choose(toy_problem(), Pass::kForward, {}, Machine{}, forced).route->name);
  };
  CHECK(chosen("") == "cheap");
  CHECK(chosen("dear") == "dear");
  CHECK(chosen("as cheap") == "as cheap");
  CHECK(chosen("impossible") == "cheap");
  CHECK_THROWS_AS(Routes(std::span(list).first(1)).choose(toy_problem(), Pass::kForward, {}, {}),
                  std::logic_error);
}

TEST_CASE("every possible route gives the numbers of the reference loops") {
  for (const Route& route : convolution_routes().list()) {
    CAPTURE(route.name);
    CHECK(compare_table(route.name, kRouteTolerance) > 0);
  }
}

TEST_CASE("forcing a route for one pass does not change another") {
  std::size_t first = 0;  // A row forces each route for one pass, the next row for the next pass.
  for (const Case& row : cases()) {
    if (!has_convolution(row)) continue;
    CAPTURE(row.name);
    const auto unforced = chosen_routes(row, {});
    std::size_t turn = first++;
    for (const Route& route : convolution_routes().list()) {
      CAPTURE(route.name);
      const std::pair<Pass, ForcedRoutes> forced[] = {
          {Pass::kForward, {.forward = route.name}},
          {Pass::kInputGradient, {.input_gradient = route.name}},
          {Pass::kWeightGradient, {.weight_gradient = route.name}}};
      const auto& [pass, routes] = forced[turn++ % std::size(forced)];
      check_others(row, routes, pass, unforced);
    }
  }
}

}  // namespace lucid::test
