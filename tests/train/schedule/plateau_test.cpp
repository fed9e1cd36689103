#include <doctest/doctest.h>

#include <cmath>

#include "support/from_text.h"
#include "train/schedule/schedule.h"

using namespace lucid;
using namespace lucid::test;

TEST_CASE("a value that is not defined is neither better nor worse") {
  const auto schedule =
      from_text(R"({"type": "ReduceLROnPlateau", "patience": 1, "cooldown": 1})", "/scheduler",
                [](JsonObject& object) { return make_schedule(object, {}); });
  PlateauState state;
  const auto watch_undefined = [&] {
    const PlateauState before = state;
    for (int i = 0; i < 5; ++i) schedule->watch(std::nan(""), state);
    CHECK(state.has_best == before.has_best);
    CHECK(state.bad_epochs == before.bad_epochs);
    CHECK(state.cooldown == before.cooldown);
    CHECK(state.reductions == before.reductions);
  };
  watch_undefined();
  CHECK_FALSE(state.has_best);
  for (const double value : {1.0, 2.0, 2.0, 2.0}) {  // better, two worse ones, and a cooldown
    schedule->watch(value, state);
    watch_undefined();
  }
  CHECK(state.best == 1);
  CHECK(state.reductions == 1);
}
