#include "train/tensorboard/hyperparameters.h"

#include <doctest/doctest.h>

namespace lucid {

TEST_CASE("hyperparameters are the scalars and short lists that users compare") {
  const Json config = parse_json(R"({
    "name": "a", "seed": 3, "model": {"layers": [{"type": "ReLU"}]},
    "data": {"train": {"files": ["a.h5"]}, "batch_size": 2, "shuffle": true, "workers": 4,
             "patch": {"size": [32, 32, 16], "foreground": 0.33},
             "augment": [{"type": "Flip"}], "validation": {"files": []}},
    "loss": {"type": "DiceLoss", "weight": [1, 2, 3, 4, 5, 6, 7, 8, 9], "smooth": 1e-5},
    "optimizer": {"type": "Adam", "lr": 0.001},
    "scheduler": null, "metrics": ["dice"],
    "train": {"epochs": 5, "tensorboard": {"histograms_every": 2}, "monitor": "train.loss",
              "log_every": 10, "ema": {"decay": 0.99}}})",
                                 "");
  Json found = Json::object();
  for (const auto& [name, value] : hyperparameters(config)) found[name] = value;
  CHECK(json_text(found, 1) == R"({
 "data.batch_size": 2,
 "data.patch.foreground": 0.33,
 "data.patch.size": "[32,32,16]",
 "data.shuffle": true,
 "loss.smooth": 1e-05,
 "loss.type": "DiceLoss",
 "optimizer.lr": 0.001,
 "optimizer.type": "Adam",
 "seed": 3,
 "train.ema.decay": 0.99,
 "train.epochs": 5
})");
}

}  // namespace lucid
