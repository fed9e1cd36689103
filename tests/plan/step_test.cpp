#include "plan/step.h"

#include <doctest/doctest.h>

#include <array>

#include "plan/storage_use.h"

namespace lucid {
namespace {

struct ArgumentRow {
  const char* name;
  int argument;
  Access access;
};

constexpr ArgumentRow kArguments[] = {
    {"DNNL_ARG_SRC", DNNL_ARG_SRC, Access::kRead},
    {"DNNL_ARG_SRC_1", DNNL_ARG_SRC_1, Access::kRead},
    {"DNNL_ARG_FROM", DNNL_ARG_FROM, Access::kRead},
    {"DNNL_ARG_WEIGHTS", DNNL_ARG_WEIGHTS, Access::kRead},
    {"DNNL_ARG_BIAS", DNNL_ARG_BIAS, Access::kRead},
    {"DNNL_ARG_DIFF_DST", DNNL_ARG_DIFF_DST, Access::kRead},
    {"DNNL_ARG_DST", DNNL_ARG_DST, Access::kWrite},
    {"DNNL_ARG_TO", DNNL_ARG_TO, Access::kWrite},
    {"DNNL_ARG_DIFF_SRC", DNNL_ARG_DIFF_SRC, Access::kWrite},
    {"DNNL_ARG_DIFF_WEIGHTS", DNNL_ARG_DIFF_WEIGHTS, Access::kWrite},
    {"DNNL_ARG_DIFF_BIAS", DNNL_ARG_DIFF_BIAS, Access::kWrite},
    {"DNNL_ARG_SCRATCHPAD", DNNL_ARG_SCRATCHPAD, Access::kUpdate},
};

const Layout kFour = onednn::plain_layout(Shape{4});

void record(Recording& recording, std::vector<Argument> arguments) {
  recording.step({"n", "step", "lucid", {}, {}, std::move(arguments), [](const auto&) {}});
}

}  // namespace

TEST_CASE("a primitive writes its outputs and reads the rest") {
  for (const ArgumentRow& row : kArguments) {
    CAPTURE(row.name);
    CHECK(Argument(row.argument, Value{0}).access == row.access);
    CHECK(Argument(row.argument, Value{0}).key == row.argument);
  }
}

TEST_CASE("slots differ from each other, by index, and from oneDNN's arguments") {
  const Argument second = reads(Slot::kX, Value{3}, 1);
  CHECK(second.is(Slot::kX, 1));
  CHECK_FALSE(second.is(Slot::kX));
  CHECK_FALSE(second.is(Slot::kY, 1));
  CHECK_FALSE(Argument(DNNL_ARG_SRC, Value{3}).is(Slot::kX));
  CHECK(second.value == Value{3});
}

TEST_CASE("a step finds the storage of its arguments by name") {
  std::array<float, 2> x{1, 2};
  std::array<double, 1> statistics{3};
  std::array<float, 2> y{}, second{};
  const std::array arguments{reads(Slot::kX, Value{0}), writes(Slot::kY, Value{1}),
                             reads(Slot::kX, Value{2}, 1), updates(Slot::kStatistics, Value{3})};
  const std::array<void*, 4> storage{x.data(), y.data(), second.data(), statistics.data()};
  const StepArguments step(arguments, storage);
  CHECK(step.in(Slot::kX) == x.data());
  CHECK(step.in(Slot::kX, 1) == second.data());
  CHECK(step.out(Slot::kY) == y.data());
  CHECK(step.in<double>(Slot::kStatistics) == statistics.data());
  CHECK(step.out<double>(Slot::kStatistics) == statistics.data());
  CHECK(step.maybe(Slot::kX, 1) == second.data());
  CHECK(step.maybe_out(Slot::kY) == y.data());
  CHECK(step.maybe(Slot::kBias) == nullptr);
  CHECK(step.maybe_out(Slot::kIndices) == nullptr);
}

TEST_CASE("what is written in the forward pass follows from declared accesses") {
  Engine engine(1);
  Recording recording(engine);
  const Value input = recording.bind(Tensor(engine, kFour));
  const Value a = recording.produce(kFour), scratch = recording.produce(kFour);
  const Value b = recording.produce(kFour), db = recording.produce(kFour);
  record(recording, {reads(Slot::kX, input), updates(Slot::kScratchpad, scratch),
                     writes(Slot::kWorkspace, a)});
  record(recording, {reads(Slot::kX, a), updates(Slot::kWorkspace, a), writes(Slot::kY, b)});
  record(recording, {reads(Slot::kY, b), writes(Slot::kDx, db)});
  const StorageUse use = storage_use(recording, 2);
  using Steps = std::vector<std::size_t>;
  const auto writers = [&](Value value) {
    return use.storages[static_cast<std::size_t>(value.id)].writers;
  };
  CHECK(use.steps[0].is_written == std::vector<bool>{false, true, true});
  CHECK(use.steps[1].is_written == std::vector<bool>{false, true, true});
  CHECK(use.steps[2].is_written == std::vector<bool>{false, false});
  CHECK(writers(a) == Steps{0, 1});
  CHECK(writers(scratch) == Steps{0});
  CHECK(writers(b) == Steps{1});
  CHECK(writers(db) == Steps{});
  CHECK(use.steps[0].storage == std::vector<int>{StorageUse::kBound, scratch.id, a.id});
}

}  // namespace lucid
