#include "store/stored_rules.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "data/hdf5/write.h"
#include "layers/table/compiled_case.h"
#include "store/checkpoint.h"
#include "support/from_text.h"
#include "support/full_disk.h"
#include "support/temp_dir.h"

namespace lucid::test {
namespace {

namespace fs = std::filesystem;

struct RuledCheckpoint {
  RuledCheckpoint()
      : model(graph_of(parse_json(R"({"input": {"channels": 1, "size": 5}, "layers": [
          {"type": "Conv3D", "name": "conv1", "out_channels": 3, "kernel_size": [3, 2, 1]}]})",
                                  "a.json")),
              engine, 1) {
    save("a.h5");
  }

  fs::path save(const std::string& name) {
    save_checkpoint(folder / name, model, {{"name", "a"}, {"list", {1, 2}}},
                    {{{"epoch", 3}, {"step", std::int64_t{1} << 40}},
                     {{"best", 0.1}},
                     {{"machine", "AVX2"}},
                     {{"optimizer/conv1/weight/exp_avg", {Shape{2, 3}, {1, 2, 3, 4, 5, 6}}},
                      {"random", {Shape{2}, {7, 8}}}}});
    return folder / name;
  }

  std::vector<float> values() {
    std::vector<float> all;
    for (const Parameter& parameter : model.parameters())
      for (const float value : parameter.value.plain_values(engine)) all.push_back(value);
    return all;
  }

  TempDir folder;
  Engine engine{1};
  Model model;
};

PostprocessRules largest(std::set<Label> labels) {
  PostprocessRules rules;
  rules.steps.keep_largest = ComponentsOf::kEachLabel;
  rules.steps.largest_of = std::move(labels);
  return rules;
}

Json rules_in(const fs::path& path) {
  const CheckpointFile whole(path);
  const auto rules = stored_rules(path);
  return rules ? postprocess_json(*rules) : Json();
}

// The error without the folder.
std::string text_of(const RuledCheckpoint& f, std::string text) {
  const std::string prefix = f.folder.path().string() + "/";
  if (const auto at = text.find(prefix); at != std::string::npos) text.erase(at, prefix.size());
  return text;
}

}  // namespace

TEST_CASE("a checkpoint has its rules, and all else as before") {
  RuledCheckpoint f;
  const fs::path path = f.folder / "a.h5";
  CHECK(rules_in(path) == nullptr);
  store_rules(path, largest({1, 3}));
  CHECK(rules_in(path) == postprocess_json(largest({1, 3})));
  const CheckpointFile file(path);
  CHECK(file.config() == Json{{"name", "a"}, {"list", {1, 2}}});
  CHECK(file.integer("epoch") == 3);
  CHECK(file.integer("step") == std::int64_t{1} << 40);
  CHECK(file.number("best") == 0.1);
  CHECK(file.text("machine") == "AVX2");
  CHECK(file.array("optimizer/conv1/weight/exp_avg", {2, 3}) ==
        std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK(file.array("random", {2}) == std::vector<float>{7, 8});
  const std::vector<float> values = f.values();
  for (Parameter& parameter : f.model.parameters())
    std::ranges::fill(parameter.value.values(), 0.F);
  file.load_parameters(f.model);
  CHECK(f.values() == values);
}

TEST_CASE("checkpoints of equal rules have equal bytes, whichever they had before") {
  RuledCheckpoint f;
  const fs::path a = f.folder / "a.h5", b = f.save("b.h5");
  store_rules(a, largest({2}));
  store_rules(a, largest({1}));
  store_rules(b, largest({1}));
  CHECK(read_text(a) == read_text(b));
  const auto time = fs::last_write_time(a);
  store_rules(a, largest({1}));
  CHECK(fs::last_write_time(a) == time);
  CHECK(holds_rules(a, largest({1})));
  CHECK_FALSE(holds_rules(a, largest({2})));
  CHECK_FALSE(holds_rules(a, std::nullopt));
  store_rules(a, std::nullopt);
  store_rules(b, largest({2}));
  store_rules(b, std::nullopt);
  CHECK(read_text(a) == read_text(b));
  CHECK(rules_in(a) == nullptr);
}

TEST_CASE("a checkpoint that is saved again has no rules") {
  RuledCheckpoint f;
  const fs::path a = f.folder / "a.h5";
  const std::string before = read_text(a);
  store_rules(a, largest({1}));
  f.save("a.h5");
  CHECK(read_text(a) == before);
}

TEST_CASE("rules are checked with a checkpoint's checksums, and not put into a damaged one") {
  RuledCheckpoint f;
  const fs::path path = f.folder / "a.h5";
  store_rules(path, largest({1}));
  std::string bytes = read_text(path);
  const auto at = bytes.find("keep_largest");
  REQUIRE(at != std::string::npos);
  bytes[at + 1] = 'x';
  f.folder.write("a.h5", bytes);
  CHECK(text_of(f, error_of([&] { store_rules(path, largest({2})); })).starts_with("3: a.h5: "));
  CHECK(read_text(path) == bytes);
}

TEST_CASE("what is no rules in a checkpoint is an error, as is one without checksums") {
  RuledCheckpoint f;
  hdf5::Writer writer(f.folder / "other.h5");
  writer.create_group("parameters");
  writer.set_attribute("/", "postprocess", std::string(R"({"keep_largest": 1})"));
  writer.set_attribute("/", "format_version", std::int64_t{1});
  writer.close();
  CHECK(text_of(f, error_of([&] { stored_rules(f.folder / "other.h5"); })) ==
        "3: other.h5: postprocess: /keep_largest: expected \"per-class\", \"foreground\" or a list "
        "of labels, found 1");
  hdf5::Writer old(f.folder / "old.h5");
  old.create_group("parameters");
  old.set_attribute("/", "format_version", std::int64_t{1});
  old.close();
  CHECK(text_of(f, error_of([&] { store_rules(f.folder / "old.h5", largest({1})); })) ==
        "3: old.h5: expected a checkpoint with the attribute 'digest', found none");
  CHECK_NOTHROW(store_rules(f.folder / "old.h5", std::nullopt));
}

TEST_CASE("a full disk leaves the rules that a checkpoint has") {
  RuledCheckpoint f;
  const fs::path path = f.folder / "a.h5";
  store_rules(path, largest({1}));
  const std::string before = read_text(path);
  {
    const FullDisk full(512);
    CHECK_THROWS_AS(store_rules(path, largest({2})), Error);
  }
  CHECK(read_text(path) == before);
  CHECK(std::distance(fs::directory_iterator(f.folder.path()), {}) == 1);
}

}  // namespace lucid::test
