#include <doctest/doctest.h>

#include "support/from_text.h"
#include "train/optimizer/optimizer.h"

using namespace lucid;
using namespace lucid::test;

namespace {

OptimizerConfig made_optimizer(const std::string& text) {
  return from_text(text, "/optimizer", make_optimizer);
}

}  // namespace

TEST_CASE("PyTorch's switches are accepted where they are off") {
  const OptimizerConfig made = made_optimizer(
      R"({"type": "Adam", "lr": 0, "amsgrad": false, "maximize": false, "foreach": null,
          "capturable": false, "differentiable": false, "fused": null})");
  CHECK(made.learning_rate == 0);
  CHECK(made_optimizer(R"({"type": "SGD", "lr": 1, "dampening": 0, "maximize": false,
                           "foreach": false, "differentiable": false})")
            .optimizer != nullptr);
}

namespace {

struct OptimizerErrorRow {
  const char *config, *error;
};

const OptimizerErrorRow kOptimizerErrors[] = {
    {R"({"type": "Adma", "lr": 1})",
     "2: a.json: /optimizer/type: no optimizer 'Adma'; did you mean 'Adam'? known: Adam, AdamW, "
     "RMSprop, SGD"},
    {R"({"type": "SGD"})",
     "2: a.json: /optimizer: expected the key 'lr' (a number >= 0), found none"},
    {R"({"type": "SGD", "lr": -0.1})",
     "2: a.json: /optimizer/lr: expected a number >= 0, found -0.1"},
    {R"({"type": "SGD", "lr": 1, "momentum": -1})",
     "2: a.json: /optimizer/momentum: expected a number >= 0, found -1"},
    {R"({"type": "SGD", "lr": 1, "nesterov": true})",
     "2: a.json: /optimizer/nesterov: expected false without momentum, found true; set momentum "
     "> 0"},
    {R"({"type": "SGD", "lr": 1, "dampening": 0.1})",
     "2: a.json: /optimizer/dampening: expected 0 (the only value supported), found 0.1"},
    {R"({"type": "SGD", "lr": 1, "betas": [0.9, 0.99]})",
     "2: a.json: /optimizer/betas: unknown key; known: type, lr, momentum, weight_decay, "
     "nesterov, dampening, maximize, foreach, differentiable, fused, groups"},
    {R"({"type": "Adam", "lr": 1, "betas": [0.9, 1]})",
     "2: a.json: /optimizer/betas: expected a list of numbers, each a number >= 0 and < 1, found "
     "[0.9,1]"},
    {R"({"type": "Adam", "lr": 1, "betas": [0.9]})",
     "2: a.json: /optimizer/betas: expected two numbers, found [0.9]"},
    {R"({"type": "Adam", "lr": 1, "eps": 0})",
     "2: a.json: /optimizer/eps: expected a number >= 1e-30, found 0"},
    {R"({"type": "AdamW", "lr": 1, "weight_decay": -1})",
     "2: a.json: /optimizer/weight_decay: expected a number >= 0, found -1"},
    {R"({"type": "AdamW", "lr": 1, "amsgrad": true})",
     "2: a.json: /optimizer/amsgrad: expected false (the only value supported), found true"},
    {R"({"type": "RMSprop", "lr": 1, "alpha": 1.5})",
     "2: a.json: /optimizer/alpha: expected a number >= 0 and <= 1, found 1.5"},
    {R"({"type": "RMSprop", "lr": 1, "eps": 0})",
     "2: a.json: /optimizer/eps: expected a number >= 1e-30, found 0"},
    {R"({"type": "RMSprop", "lr": 1, "momentum": -1})",
     "2: a.json: /optimizer/momentum: expected a number >= 0, found -1"},
    {R"({"type": "RMSprop", "lr": 1, "centered": 1})",
     "2: a.json: /optimizer/centered: expected true or false, found 1"},
    {R"({"type": "SGD", "lr": 1, "groups": []})",
     "2: a.json: /optimizer/groups: expected a list of objects, at least one, found []"},
    {R"({"type": "SGD", "lr": 1, "groups": [{"lr_factor": 2}]})",
     "2: a.json: /optimizer/groups/0: expected the key 'parameters' (a string or a list of "
     "strings), found none"},
    {R"({"type": "SGD", "lr": 1, "groups": [{"parameters": "a", "lr_factor": -2}]})",
     "2: a.json: /optimizer/groups/0/lr_factor: expected a number >= 0, found -2"},
    {R"({"type": "SGD", "lr": 1, "groups": [{"parameters": "a", "weight_decay": -2}]})",
     "2: a.json: /optimizer/groups/0/weight_decay: expected a number >= 0, found -2"},
    {R"({"type": "SGD", "lr": 1, "groups": [{"parameters": "a", "lr": 2}]})",
     "2: a.json: /optimizer/groups/0/lr: unknown key; known: parameters, lr_factor, "
     "weight_decay"},
};

}  // namespace

TEST_CASE("a mistake in an optimizer's arguments is told where it stands") {
  for (const OptimizerErrorRow& row : kOptimizerErrors) {
    CAPTURE(row.config);
    CHECK(error_of([&] { made_optimizer(row.config); }) == row.error);
  }
}
