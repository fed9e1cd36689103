#include "train/tensorboard/hyperparameters.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace lucid {
namespace {

using Named = std::vector<std::pair<std::string, Json>>;

constexpr std::array<std::string_view, 15> kLeftOut{"name",
                                                    "model",
                                                    "metrics",
                                                    "data.train",
                                                    "data.validation",
                                                    "data.cache_mb",
                                                    "data.workers",
                                                    "data.prefetch",
                                                    "data.normalize",
                                                    "train.log_every",
                                                    "train.monitor",
                                                    "train.checkpoint_every",
                                                    "train.preview",
                                                    "train.tensorboard",
                                                    "train.recompute"};

bool is_left_out(const std::string& name) {
  return std::ranges::find(kLeftOut, name) != kLeftOut.end();
}

bool is_short_list(const Json& value) {
  constexpr std::size_t kMost = 8;
  return value.is_array() && !value.empty() && value.size() <= kMost &&
         std::ranges::all_of(value, [](const Json& each) { return each.is_number(); });
}

void add(const std::string& name, const Json& value, Named& found) {
  if (is_left_out(name)) return;
  if (value.is_object())
    for (const auto& [key, each] : value.items()) {
      std::string inner = name;
      if (!inner.empty()) inner += '.';
      add(inner.append(key), each, found);
    }
  else if (is_short_list(value))
    found.emplace_back(name, json_text(value));
  else if (value.is_primitive() && !value.is_null())
    found.emplace_back(name, value);
}

}  // namespace

Named hyperparameters(const Json& config) {
  Named found;
  add("", config, found);
  std::ranges::sort(found, {}, &Named::value_type::first);
  return found;
}

}  // namespace lucid
