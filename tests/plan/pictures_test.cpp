#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "layers/table/compiled_case.h"
#include "paths.h"

namespace lucid {
namespace {

// Describes the model of one picture together with the plan that the library makes of it now.
Json drawn_again(const Json& drawn) {
  Engine engine(1);
  Model model(test::graph_of(drawn["model"]), engine, 1);
  const bool is_training = drawn["mode"] == "train";
  const Plan& plan = model.plan(is_training ? Mode::kTrain : Mode::kInfer, 1);
  Json again = {{"mode", drawn["mode"]}, {"model", drawn["model"]}};
  for (const Node& node : model.graph().nodes())
    again["graph"].push_back(node.name + " " + node.type + " " + node.shape.str());
  again["explain"] = split(plan.explain(), '\n');
  again["preparation_steps"] = std::ranges::count_if(plan.report(), &StepReport::is_preparation);
  again["arena_bytes"] = plan.arena_bytes();
  again["buffers"] = Json::array();
  for (const auto& [buffer, offset] : plan.arena_buffers()) {
    Json ranges = Json::array();
    for (const LiveRange& range : buffer.ranges)
      ranges.push_back({range.begin, range.end, range.first_step, range.last_step});
    again["buffers"].push_back({{"bytes", buffer.bytes}, {"offset", offset}, {"ranges", ranges}});
  }
  return again;
}

}  // namespace

// Layouts differ between instruction sets, and implementations between releases of oneDNN: the
// pictures show one of them.
TEST_CASE("the pictures of plans show what the library does") {
  if (onednn::vector_set() != onednn::VectorSet::kAvx512 || DNNL_VERSION_MAJOR != 2) return;
  std::ifstream stream(std::string(LUCID_SOURCE_DIR) + "/lib/pictures/plans.json");
  const Json drawn = Json::parse(stream);
  Json again;
  for (const auto& [name, picture] : drawn.items()) again[name] = drawn_again(picture);
  const std::string file = std::string(LUCID_BINARY_DIR) + "/plans.json";
  std::ofstream(file) << json_text(again) << '\n';
  INFO("python3 lib/pictures/make_pictures.py ", file, " takes it over");
  for (const auto& [name, picture] : drawn.items()) CHECK(again[name] == picture);
}

}  // namespace lucid
