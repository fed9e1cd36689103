#include "train_ranks.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "program.h"
#include "ranks/launch.h"
#include "ranks/local_ranks.h"
#include "ranks/mpi_ranks.h"
#include "ranks/placement.h"
#include "ranks/streams.h"
#include "stop_signal.h"
#include "tensor/engine.h"

namespace lucid {
namespace {

using TrainAsRank = std::function<int(const TrainOptions&)>;

// A launcher ends all processes when the first has ended by an error. Here that is to be the one
// that tells it.
constexpr auto kGrace = std::chrono::seconds(1);

// Each rank takes its share of the threads, unless told otherwise.
int run_local(TrainOptions o, const TrainAsRank& run) {
  if (o.rank_count == 1) return run(o);
  if (!o.trains())
    throw Error(ExitCode::kUsage, "--ranks: expected 1 with --dry-run and --profile");
  if (o.threads == 0) o.threads = std::max(1, default_threads() / o.rank_count);
  catch_stop_signals();
  const auto as_rank = [&](Ranks& ranks) {
    TrainOptions own = o;
    own.ranks = &ranks;
    return run(own);
  };
  return run_local_ranks(o.rank_count, as_rank, stop_signal);
}

// What trains nothing is done by the first process alone.
int run_launched(TrainOptions o, const Launch& launch, Ranks& ranks, const TrainAsRank& run) {
  const std::string launcher = program_of(launch.launcher);
  if (o.rank_count > 1)
    throw Error(ExitCode::kUsage, "--ranks: expected none under " + launcher +
                                      ", which has started " + std::to_string(launch.size) +
                                      " processes: each of them is a rank");
  if (!o.trains()) return ranks.is_first() ? run(o) : 0;
  const char* const wanted = std::getenv("OMP_NUM_THREADS");
  if (o.threads == 0 && wanted != nullptr && *wanted != '\0') o.threads = default_threads();
  const RankPlacement placement = agreed_placement(ranks, o.threads, launch);
  for (const std::string& warning : placement.warnings) print_warning(warning);
  o.threads = placement.threads;
  o.ranks = &ranks;
  o.rank_count = ranks.size();
  o.ranks_name = "the processes of " + launcher;
  return run(o);
}

int run_by_mpi(CLI::App& app, int argc, char** argv, const TrainOptions& options,
               const Launch& launch, const TrainAsRank& run) {
  const bool is_first = launch.rank == 0;
  const int errors = is_first ? -1 : silence_streams();
  const auto say = [&](const std::string& message) {
    if (!is_first) restore_stderr(errors);
    std::cerr << message << std::endl;
  };
  const auto work = [&](Ranks& ranks) {
    return parse_and_work(app, argc, argv,
                          [&] { return run_launched(options, launch, ranks, run); });
  };
  prepare_signals();
  expect_repeated_signals();
  try {
    return run_mpi_ranks(launch, work, say);
  } catch (const Error& error) {
    if (is_first)
      say(error.what());
    else
      std::this_thread::sleep_for(kGrace);
    return static_cast<int>(error.code());
  }
}

}  // namespace

int run_ranked(CLI::App& app, int argc, char** argv, TrainOptions& options,
               const TrainAsRank& run) {
  std::optional<Launch> launch;
  try {
    launch = launch_of_process();
  } catch (const Error& error) {
    std::cerr << error.what() << std::endl;
    return static_cast<int>(error.code());
  }
  if (launch && launch->size > 1) return run_by_mpi(app, argc, argv, options, *launch, run);
  return run_program(app, argc, argv, [&] {
    return launch && options.rank_count == 1 ? run_launched(options, *launch, alone(), run)
                                             : run_local(options, run);
  });
}

}  // namespace lucid
