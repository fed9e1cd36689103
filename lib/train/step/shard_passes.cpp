#include "train/step/shard_passes.h"

#include <algorithm>

namespace lucid {
namespace {

constexpr std::uint64_t kBatchOfDraw = 0xffffffff;  // the bits of a draw that count batches

}  // namespace

std::vector<float> buffer_values(const Parameters& parameters) {
  std::vector<float> all;
  for (const Parameter& parameter : parameters)
    if (parameter.is_buffer)
      all.insert(all.end(), parameter.value.values().begin(), parameter.value.values().end());
  return all;
}

void set_buffer_values(Parameters& parameters, std::span<const float> values) {
  for (Parameter& parameter : parameters) {
    if (!parameter.is_buffer) continue;
    const std::span<float> to = parameter.value.values();
    std::ranges::copy(values.first(to.size()), to.begin());
    values = values.subspan(to.size());
  }
}

std::size_t ShardPasses::shard_limit() const {
  return static_cast<std::size_t>(session_.config().train.shards);
}

bool ShardPasses::is_synchronized() {
  return session_.training_plan(session_.shard_size()).synchronizations(Plan::Direction::kForward) >
         0;
}

// Every shard of a run has draws of its own.
RandomState ShardPasses::state_of_shard(RandomState state, std::size_t number) const {
  const std::uint64_t batch = state.draw & kBatchOfDraw;
  state.draw += batch * (shard_limit() - 1) + number;
  state.replaces_statistics = is_in_shards();
  return state;
}

void ShardPasses::set_up(Lane& lane, std::size_t copy, const Shard& shard,
                         const RandomState& state) {
  const auto size = static_cast<Shape::Extent>(shard.size);
  Plan& plan = session_.training_plan(size, copy);
  if (&plan != lane.plan || size != lane.size)
    lane.outputs = output_values(plan, session_.model().graph(), size);
  lane.plan = last_plan_ = &plan;
  lane.size = size;
  std::ranges::copy(shard.samples, plan.input().values().begin());
  plan.set_random_state(state);
}

std::vector<OutputValues>& ShardPasses::forward(const Shard& shard, const RandomState& state) {
  Lane& lane = lanes_.front();
  set_up(lane, 0, shard, state);
  lane.plan->forward();
  return lane.outputs;
}

void ShardPasses::backward() { lanes_.front().plan->backward(); }

void ShardPasses::run(const Batch& batch, const RandomState& state, const Visit& visit,
                      const Completed& completed) {
  if (is_in_shards() && is_synchronized()) return run_side_by_side(batch, state, visit, completed);
  const auto [first, end] = ranks_.share(shard_count(batch.size, shard_limit()));
  for (std::size_t i = first; i < end; ++i) {
    const Shard shard = shard_of(batch, shard_limit(), i);
    visit({shard, i, forward(shard, state_of_shard(state, i))});
    if (!completed) continue;
    lanes_.front().plan->backward([&](std::size_t done) { completed(i, done); });
    completed(i, session_.model().parameters().gradients().size());
  }
}

void ShardPasses::run_side_by_side(const Batch& batch, const RandomState& state, const Visit& visit,
                                   const Completed& completed) {
  Parameters& parameters = session_.model().parameters();
  const auto [first, end] = ranks_.share(shard_count(batch.size, shard_limit()));
  used_lanes_ = end - first;
  lanes_.resize(std::max(lanes_.size(), used_lanes_));
  std::vector<Shard> shards;
  for (std::size_t i = 0; i < used_lanes_; ++i) {
    shards.push_back(shard_of(batch, shard_limit(), first + i));
    set_up(lanes_[i], i, shards[i], state_of_shard(state, first + i));
    lanes_[i].buffers = buffer_values(parameters);
  }
  advance(Plan::Direction::kForward, first, {});
  for (std::size_t i = 0; i < used_lanes_; ++i) {
    set_buffer_values(parameters, lanes_[i].buffers);
    visit({shards[i], first + i, lanes_[i].outputs});
  }
  if (completed) advance(Plan::Direction::kBackward, first, completed);
}

// All shards of all ranks go on together from one step that synchronizes to the next.
void ShardPasses::advance(Plan::Direction direction, std::size_t first,
                          const Completed& completed) {
  const std::size_t rounds =
      session_.training_plan(session_.shard_size()).synchronizations(direction);
  for (std::size_t i = 0; i < used_lanes_; ++i) lanes_[i].plan->start(direction);
  for (std::size_t round = 0;; ++round) {
    std::vector<double> own;
    for (std::size_t i = 0; i < used_lanes_; ++i) {
      run_on(lanes_[i], [&](std::size_t end) { completed(first + i, end); });
      if (round < rounds) lanes_[i].plan->give(own);
    }
    if (round == rounds) break;
    const std::vector<double> of_all = ranks_.gathered(own);
    for (std::size_t i = 0; i < used_lanes_; ++i) lanes_[i].plan->take(of_all);
  }
  const std::size_t gradients = session_.model().parameters().gradients().size();
  for (std::size_t i = 0; i < used_lanes_ && completed; ++i) completed(first + i, gradients);
}

void ShardPasses::run_on(Lane& lane, const Plan::Completed& completed) {
  Parameters& parameters = session_.model().parameters();
  last_plan_ = lane.plan;
  set_buffer_values(parameters, lane.buffers);
  lane.plan->run_on(completed);
  lane.buffers = buffer_values(parameters);
}

}  // namespace lucid
