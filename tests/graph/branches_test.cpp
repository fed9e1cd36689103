#include "graph/branches.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "graph/fuse.h"
#include "graph/model.h"
#include "graph/node_roles.h"
#include "support/approx.h"

namespace lucid {
namespace {

using test::Array;
using test::Branches;

constexpr int kInput = Branches::kInput;
const Shape kVolume{2, 4, 3, 5};

struct BranchesRow {
  std::string name;
  std::function<void(Branches&)> build;
};

const std::vector<BranchesRow> kGraphs = {
    {"a block around a fused ReLU",
     [](Branches& b) {
       const int v = b.relu(b.conv(kInput, 5));
       b.conv(b.sum(v, b.relu(b.conv(v, 5))), 3);
     }},
    {"two fused ReLUs that share the gradient of the output",
     [](Branches& b) {
       const int v = b.conv(kInput, 5);
       b.sum(b.relu(b.conv(v, 8)), b.relu(b.conv(v, 8)));
     }},
    {"a ReLU and a convolution that read one convolution",
     [](Branches& b) {
       const int v = b.conv(kInput, 8);
       b.conv(b.sum(b.relu(v), b.relu(b.conv(v, 8))), 2);
     }},
    {"a ReLU beside what it reads",
     [](Branches& b) {
       const int v = b.conv(kInput, 5);
       b.conv(b.sum(v, b.relu(v)), 2);
     }},
    {"a value added to itself",
     [](Branches& b) {
       const int v = b.relu(b.conv(kInput, 5));
       b.relu(b.conv(b.sum(v, v), 5));
     }},
    {"three readers",
     [](Branches& b) {
       const int v = b.relu(b.conv(kInput, 8));
       b.relu(b.conv(b.sum(b.sum(v, b.relu(b.conv(v, 8))), b.conv(v, 8)), 3));
     }},
    {"blocks in a row",
     [](Branches& b) {
       int v = b.conv(kInput, 8);
       for (int i = 0; i < 3; ++i) v = b.relu(b.sum(v, b.conv(b.relu(b.conv(v, 8)), 8)));
     }},
    {"a branch without parameters",
     [](Branches& b) {
       const int v = b.relu(kInput);
       b.conv(b.sum(v, b.relu(b.conv(v, 2))), 3);
     }},
    {"the network's input added at its end",
     [](Branches& b) { b.sum(b.relu(b.conv(kInput, 2)), kInput); }},
};

Graph graph_of(const BranchesRow& row) {
  Branches branches(kVolume);
  row.build(branches);
  return branches.graph();
}

Array random(const Shape& shape, const std::string& stream) {
  Array array(shape);
  Rng rng(11, stream);
  for (double& value : array.values) value = rng.uniform(-1.F, 1.F);
  return array;
}

std::vector<float> as_floats(const Array& array) {
  return {array.values.begin(), array.values.end()};
}

// The sums have at most 27 * 8 products of size 1, through three layers.
test::Approx near(const Array& expected) {
  return test::approx(expected.values).within(1e-5, 1e-5);
}

struct Fixture {
  Fixture(const BranchesRow& row, Shape::Extent batch)
      : model(graph_of(row), engine, 3), input(random(kVolume.with_batch(batch), "input")) {
    for (Parameter& parameter : model.parameters()) {
      Array& values = parameters[parameter.name];
      values.shape = parameter.shape;
      const auto plain = parameter.value.plain_values(engine);
      values.values.assign(plain.begin(), plain.end());
    }
  }
  Engine engine{1};
  Model model;
  Array input;
  std::map<std::string, Array> parameters;
};

void check_row(const BranchesRow& row, CompileOptions options) {
  Fixture f(row, options.batch);
  const Array dy = random(f.model.graph().output_shape().with_batch(options.batch), "gradient");
  const auto expected = test::run_naively(f.model.graph(), f.parameters, f.input, dy);
  Plan plan = compile(f.model.graph(), f.model.parameters(), f.engine, options);
  for (int pass = 0; pass < 2; ++pass) {  // the first pass must leave nothing behind
    CAPTURE(pass);
    std::ranges::copy(as_floats(f.input), plan.input().values().begin());
    plan.forward();
    CHECK(plan.output().values() == near(expected.output));
    std::ranges::copy(as_floats(dy), plan.output_gradient().values().begin());
    plan.backward();
    if (options.input_gradient)
      CHECK(plan.input_gradient().values() == near(expected.input_gradient));
    for (const auto& of : expected.parameter_gradients) {
      CAPTURE(of.first);
      CHECK(f.model.parameters().at(of.first).gradient.plain_values(f.engine) == near(of.second));
    }
  }
}

}  // namespace

TEST_CASE("branches forward and backward are what plain loops say") {
  for (const BranchesRow& row : kGraphs)
    for (const bool fuse_relu : {true, false})
      for (const bool input_gradient : {true, false}) {
        CAPTURE(row.name);
        CAPTURE(fuse_relu);
        CAPTURE(input_gradient);
        check_row(row, {Mode::kTrain, 2, input_gradient, fuse_relu});
      }
}

TEST_CASE("branches predict what they do in training") {
  for (const BranchesRow& row : kGraphs) {
    CAPTURE(row.name);
    Fixture f(row, 3);
    const Array dy(f.model.graph().output_shape().with_batch(3));
    Plan& plan = f.model.plan(Mode::kInfer, 3);
    std::ranges::copy(as_floats(f.input), plan.input().values().begin());
    plan.forward();
    CHECK(plan.output().values() ==
          near(test::run_naively(f.model.graph(), f.parameters, f.input, dy).output));
  }
}

TEST_CASE("a ReLU is fused where it alone reads a layer that can apply it") {
  Branches chain(kVolume);
  chain.relu(chain.relu(chain.conv(chain.relu(kInput), 4)));
  CHECK(fused_relus(chain.graph()) == std::vector<int>{-1, 2, -1, -1});

  Branches read_by_two(kVolume);
  const int conv = read_by_two.conv(kInput, 4);
  read_by_two.sum(read_by_two.relu(conv), conv);
  CHECK(fused_relus(read_by_two.graph()) == std::vector<int>{-1, -1, -1});

  Branches relu_read_by_two(kVolume);
  const int relu = relu_read_by_two.relu(relu_read_by_two.conv(kInput, 4));
  relu_read_by_two.sum(relu_read_by_two.conv(relu, 4), relu);
  CHECK(fused_relus(relu_read_by_two.graph()) == std::vector<int>{1, -1, -1, -1});

  Branches two_relus(kVolume);
  const int both = two_relus.conv(kInput, 4);
  two_relus.sum(two_relus.relu(both), two_relus.relu(both));
  CHECK(fused_relus(two_relus.graph()) == std::vector<int>{-1, -1, -1, -1});
}

TEST_CASE("a max pooling computes the backward pass of the ReLU that it alone reads") {
  const auto pool = [](Branches& branches, int input) {
    return branches.layer("MaxPool3D", R"({"kernel_size": 2})", {input});
  };
  Branches alone(kVolume);
  pool(alone, alone.relu(alone.conv(kInput, 4)));
  CHECK(relus_folded_into_pools(alone.graph()) == std::vector<int>{-1, -1, 1});

  Branches leaky(kVolume);
  pool(leaky, leaky.layer("LeakyReLU", R"({"negative_slope": 0.5})", {kInput}));
  CHECK(relus_folded_into_pools(leaky.graph()) == std::vector<int>{-1, 0});

  Branches relu_read_by_two(kVolume);
  const int relu = relu_read_by_two.relu(kInput);
  relu_read_by_two.sum(pool(relu_read_by_two, relu), pool(relu_read_by_two, relu));
  CHECK(relus_folded_into_pools(relu_read_by_two.graph()) == std::vector<int>{-1, -1, -1, -1});
}

TEST_CASE("a pooling and the node that applies the ReLU before it know of each other") {
  Branches branches(kVolume);
  const int conv = branches.conv(kInput, 4);
  const int relu = branches.layer("LeakyReLU", R"({"negative_slope": 0.5})", {conv});
  branches.layer("MaxPool3D", R"({"kernel_size": 2})", {relu});
  const Graph graph = branches.graph();
  const std::vector<NodeRole> roles = node_roles(graph, {.mode = Mode::kTrain});
  CHECK(roles[0].epilogue.relu_slope == 0.5F);
  CHECK(roles[0].epilogue.relu_backward_is_folded);
  CHECK(roles[1].source == 0);
  CHECK(roles[2].epilogue.folded_relu_slope == 0.5F);
  CHECK(roles[2].possible_source == 0);
  CHECK(roles[2].source == 2);
  const auto unfused = node_roles(graph, {.mode = Mode::kTrain, .fuse_relu = false});
  CHECK_FALSE(unfused[0].epilogue.relu_slope);
  CHECK_FALSE(unfused[2].epilogue.folded_relu_slope);
  CHECK(unfused[1].source == 1);
}

}  // namespace lucid
