#include "planning/choice/choice.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "planning/choice/candidates.h"
#include "planning/planner.h"
#include "support/from_text.h"

namespace lucid::test {
namespace {

SetGeometry hippocampus(std::size_t cases) {
  return {.shapes = {cases, Triple{36, 50, 35}},
          .spacings = {cases, VoxelSize{1, 1, 1}},
          .channels = 1,
          .classes = 3};
}

std::vector<Candidate> candidates(double bytes = 1) {
  std::vector<Candidate> all;
  for (const NnunetPlan& plan : plan_candidates(hippocampus(200), {}, {}))
    all.push_back({step_flops(plan), bytes, plan.batch, plan.unet.features.front()});
  return all;
}

// Chooses for a machine with so many GFLOP/s.
PlanChoice chosen(double seconds, double gflops) {
  const std::vector<Candidate> all = candidates();
  return choose_candidate(all, {seconds, 2, 160},
                          [&](std::size_t candidate) {
                            const double step = all[candidate].step_flops / (gflops * 1e9);
                            return CandidateCost{
                                .step_seconds = step, .validation_seconds = 10 * step, .bytes = 1};
                          },
                          {});
}

double flops_of(const PlanChoice& choice) {
  return candidates()[choice.chosen.candidate].step_flops;
}

}  // namespace

TEST_CASE("candidates begin with nnU-Net's plan and become cheaper") {
  const PlanDefaults defaults;
  const auto plans = plan_candidates(hippocampus(260), {}, defaults);
  REQUIRE(plans.size() > 8);
  CHECK(plans.front().unet.features.front() == 32);
  CHECK(plans.front().batch == 9);
  CHECK(plans.back().unet.features.front() == defaults.narrowest);
  CHECK(plans.back().batch == 2);
  for (std::size_t i = 1; i < plans.size(); ++i)
    CHECK(step_flops(plans[i]) <= step_flops(plans[i - 1]));
}

TEST_CASE("candidates with residual encoders have them at every width") {
  const PlanDefaults defaults;
  const auto plans = plan_candidates(hippocampus(260), {.encoder = Encoder::kResidual}, defaults);
  CHECK(plans.front().unet.features.front() == 32);
  CHECK(plans.back().unet.features.front() == defaults.narrowest);
  for (const NnunetPlan& plan : plans)
    CHECK(plan.unet.blocks == residual_blocks(plan.unet.stages()));
  CHECK(plans.front().batch == 58);
  CHECK(plans.back().batch == 2);
}

TEST_CASE("more hours or a faster machine train a larger network for more steps") {
  const double ten_minutes = 600;
  PlanChoice before = chosen(ten_minutes, 300);
  for (const double factor : {6.0, 24.0, 144.0}) {
    const PlanChoice choice = chosen(ten_minutes * factor, 300);
    CHECK(flops_of(choice) > flops_of(before));
    CHECK(choice.chosen.length.steps() >= choice.wanted_steps);
    CHECK_FALSE(choice.has_too_few_steps);
    before = choice;
  }
  CHECK(flops_of(chosen(ten_minutes, 1200)) > flops_of(chosen(ten_minutes, 300)));
}

TEST_CASE("more steps are wanted in more time, up to what is enough where patches hold volumes") {
  const PlanDefaults defaults;
  const auto steps = [&](double seconds, std::int64_t volumes, bool holds_volumes) {
    return wanted_steps({seconds, 2, volumes}, {.holds_volumes = holds_volumes}, defaults);
  };
  CHECK(steps(600, 160, false) == 3000);
  CHECK(steps(600, 160, true) == 3000);
  CHECK(steps(2400, 160, false) == 6000);
  CHECK(steps(2400, 160, true) == 4800);
  CHECK(steps(2400, 20, true) == 3000);
  CHECK(steps(240000, 160, false) == 60000);
  CHECK(steps(240000, 160, true) == 4800);
  // As measured: an hour on the hippocampus trains 32 features in batches of 2.
  std::vector<Candidate> all = candidates();
  const auto features = [&] {
    const PlanChoice choice = choose_candidate(
        all, {3600, 2, 160},
        [&](std::size_t candidate) {
          return CandidateCost{.step_seconds = all[candidate].step_flops / 410e9, .bytes = 1};
        },
        {});
    return all[choice.chosen.candidate].features;
  };
  CHECK(features() == 16);
  for (Candidate& one : all) one.holds_volumes = true;
  CHECK(features() == 32);
}

TEST_CASE("a choice fills its seconds without exceeding them") {
  for (const double seconds : {600.0, 3600.0, 86400.0}) {
    CAPTURE(seconds);
    const Tried tried = chosen(seconds, 500).chosen;
    const double taken = tried.run_seconds();
    CHECK(taken <= seconds);
    CHECK(taken > 0.88 * seconds);
  }
}

TEST_CASE("the network that is chosen was measured, with few others") {
  const PlanChoice choice = chosen(3600, 500);
  CHECK(choice.tried.size() <= 4);
  CHECK(std::ranges::any_of(
      choice.tried, [&](const Tried& one) { return one.candidate == choice.chosen.candidate; }));
}

// As measured: 8 features 180 GFLOP/s, 16 features 410.
TEST_CASE("a wider network is measured where it may compute faster than narrow ones") {
  const std::vector<Candidate> all = candidates();
  const PlanChoice choice = choose_candidate(
      all, {600, 2, 160},
      [&](std::size_t candidate) {
        const double gflops = all[candidate].features == 8 ? 180 : 410;
        const double step = all[candidate].step_flops / (gflops * 1e9);
        return CandidateCost{.step_seconds = step, .validation_seconds = 10 * step, .bytes = 1};
      },
      {});
  CHECK(all[choice.chosen.candidate].features == 16);
  CHECK(all[choice.chosen.candidate].batch == 2);
  CHECK(choice.tried.size() <= 5);
}

TEST_CASE("hours that are too few for any network are said to be") {
  const PlanChoice choice = chosen(30, 5);
  CHECK(choice.has_too_few_steps);
  CHECK(choice.chosen.length.epochs >= 1);
}

TEST_CASE("a network that takes more memory than there is is an error with what it takes") {
  const double needed = 3.5 * (1 << 30);
  CHECK(error_of([&] {
          choose_candidate(candidates(needed), {600, 1 << 30, 160},
                           [&](std::size_t) {
                             return CandidateCost{0.1, 0, needed};
                           },
                           {});
        }) == "1: --memory: expected at least 3.50 GiB for the smallest network, found 1.00");
}

TEST_CASE("an epoch has each volume once where these are not cut into patches") {
  const Length length = fitting_length({600, 0, 160, false}, 32, {0.1, 1}, {});
  CHECK(length.per_volume == 1);
  CHECK(length.steps_per_epoch == 5);
  CHECK(length.epochs == 100);
}

TEST_CASE("epochs are longer where validation takes long") {
  const PlanDefaults defaults;
  const Budget budget{3600, 0, 100};
  const Length quick = fitting_length(budget, 2, {0.1, 1}, defaults);
  const Length slow = fitting_length(budget, 2, {0.1, 60}, defaults);
  CHECK(quick.epochs > slow.epochs);
  CHECK(0.1 * static_cast<double>(slow.steps_per_epoch) > 60 * 8);
}

TEST_CASE(
    "the start, what epochs write and what follows the last one take their part of the time") {
  const CandidateCost cost{.step_seconds = 0.1,
                           .validation_seconds = 1,
                           .start_seconds = 20,
                           .saving_seconds = 0.5,
                           .end_seconds = 40};
  const Budget budget{600, 0, 100};
  const Tried tried{0, cost, fitting_length(budget, 2, cost, {})};
  const auto epochs = static_cast<double>(tried.length.epochs);
  const auto steps = static_cast<double>(tried.length.steps_per_epoch);
  CHECK(tried.run_seconds() == doctest::Approx(20 + epochs * (0.1 * steps + 1.5) + 40));
  CHECK(tried.run_seconds() <= 600);
  CHECK(tried.run_seconds() > 0.92 * 600);
}

TEST_CASE("labels that number objects are told from many classes") {
  Fingerprint found;
  found.geometry = hippocampus(2);
  found.components.assign(54, {.volumes = 2, .count = 1});
  found.components[3].count = 2;
  CHECK(warning_of_objects(found, {}) ==
        "labels 1 to 54 are one piece each, in 2 volumes: if they number objects and are no "
        "classes, a network learns to tell numbers; --merge 1-54:1 makes "
        "one class of them");
  CHECK(warning_of_objects(found, {.fewest_objects = 55}).empty());
  CHECK(warning_of_objects(found, {.one_piece_share = 1}).empty());
  Fingerprint organs = found, scattered = found, two_classes = found;
  organs.geometry = hippocampus(54);
  CHECK(warning_of_objects(organs, {}).empty());
  for (std::size_t i = 0; i < 10; ++i) scattered.components[i].count = 3;
  CHECK(warning_of_objects(scattered, {}).empty());
  two_classes.components.resize(2);
  CHECK(warning_of_objects(two_classes, {}).empty());
}

}  // namespace lucid::test
