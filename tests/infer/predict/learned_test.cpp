#include <doctest/doctest.h>

#include "infer/tiled/segmenter.h"

// Tests the warning of values that are measured on what a network was trained on.
namespace lucid {
namespace {

struct LearnedFixture : test::Segmenter {
  LearnedFixture() {
    for (const char* name : {"a.h5", "b.h5"})
      test::write_set(experiment / name, {.volume = {1, 16, 16, 16}, .count = 1});
    test::write_set(experiment / "many.h5", {.volume = {1, 16, 16, 16}, .count = 2});
    options.target = "voxels";
  }

  std::filesystem::path trained_on(const std::vector<std::string>& cases) {
    grid["train"] = {
        {"files", {"a.h5", "b.h5", "many.h5"}}, {"input", "volumes"}, {"target", "voxels"}};
    if (!cases.empty()) grid["train"]["cases"] = cases;
    const std::string run = "run" + std::to_string(runs_++);
    train(run);
    return experiment.last(run);
  }

  bool is_warned(const std::string& input) {
    options.inputs = {(experiment / input).string()};
    notes.clear();
    run();
    const std::string warning = input + ": the network was trained on it";
    return notes.find(warning) != std::string::npos;
  }

  int runs_ = 0;
};

}  // namespace

TEST_CASE("a network was trained on the files of its cases, and not on what its fold holds out") {
  LearnedFixture f;
  const auto all = f.trained_on({}), a = f.trained_on({"a", "many_0"}), b = f.trained_on({"b"});
  f.options.checkpoints = {all};
  for (const char* input : {"a.h5", "b.h5", "many.h5"}) CHECK(f.is_warned(input));
  f.options.checkpoints = {a};
  CHECK(f.is_warned("a.h5"));
  CHECK_FALSE(f.is_warned("b.h5"));
  CHECK(f.is_warned("many.h5"));  // of half of it
  f.options.checkpoints = {a, b};
  for (const char* input : {"a.h5", "b.h5", "many.h5"}) CHECK(f.is_warned(input));
  f.options.checkpoints = {b, b};
  CHECK_FALSE(f.is_warned("a.h5"));
  f.options.checkpoints = {b, all};
  CHECK(f.is_warned("a.h5"));
}

}  // namespace lucid
