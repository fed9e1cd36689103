#include "bench_commands.h"

#include <iostream>
#include <nlohmann/json.hpp>

#include "arguments.h"
#include "bench/gradient_digits.h"
#include "bench/tune.h"
#include "program.h"

namespace lucid {

CLI::App& add_read(CLI::App& app, ReadOptions& o, bool& is_json) {
  CLI::App& command = *app.add_subcommand("read", "Reading a dataset, beside HDF5's own reading");
  command.add_option("file", o.file, "HDF5 file")->required();
  command.add_option("--zarr", o.zarr,
                     "Also reads an array of a Zarr store with the same elements");
  command.add_option("--dataset", o.dataset, "Its dataset")->required();
  command.add_option("--repeats", o.repeats, "Number of timed runs of each reader")
      ->check(integer_range(1, 1 << 24))
      ->capture_default_str();
  o.threads = 0;
  command.parse_complete_callback([&o] {
    if (o.threads == 0) o.threads = default_threads();
  });
  command.add_option("--threads", o.threads, "Maximum number of threads; default: one per core")
      ->check(integer_range(1, 4096));
  command.add_flag("--json", is_json, "Figures as JSON");
  return command;
}

int run_read(const ReadOptions& o, bool is_json) {
  const ReadFigures figures = measure_reads(o);
  std::cout << (is_json ? json_text(read_json(figures), 2) + "\n" : read_table(figures));
  return 0;
}

CLI::App& add_digits(CLI::App& app, DigitsOptions& o, bool& is_json) {
  CLI::App& command = *app.add_subcommand(
      "digits", "How far gradients are from double precision, by layer and route");
  command.add_option("--size", o.size, "Voxels of the volume along each axis")
      ->check(CLI::Range(8, 512))
      ->capture_default_str();
  command.add_option("--threads", o.threads, "Threads; default: one per core, or OMP_NUM_THREADS")
      ->check(CLI::Range(1, 4096));
  command.add_flag("--json", is_json, "Figures as JSON");
  return command;
}

int run_digits(const DigitsOptions& o, bool is_json) {
  Engine engine(o.threads);
  const auto figures = measure_gradient_digits(engine, o.size);
  std::cout << (is_json ? json_text(digits_json(figures), 2) + "\n" : digits_table(figures));
  return 0;
}

CLI::App& add_ranks(CLI::App& app, LinkOptions& o) {
  CLI::App& command = *app.add_subcommand(
      "ranks", "What a training step takes on 1 .. 8192 ranks, by a model of their exchange");
  command.add_option("--latency", o.latency_us, "Microseconds that a message takes")
      ->check(number_range(0.0, 1e6))
      ->capture_default_str();
  command.add_option("--bandwidth", o.bandwidth_gbits, "Gbit/s that a rank sends and receives")
      ->check(number_range(1e-3, 1e6))
      ->capture_default_str();
  return command;
}

CLI::App& add_tune(CLI::App& app, TuneOptions& o, bool& is_json) {
  CLI::App& command = *app.add_subcommand(
      "tune", "Where routes of convolutions overtake one another on this machine");
  command.add_option("--seconds", o.seconds, "Minimum seconds of each layer by each route")
      ->check(number_range(0.0, 3600.0))
      ->capture_default_str();
  command.add_option("--threads", o.threads, "Threads; default: one per core, or OMP_NUM_THREADS")
      ->check(integer_range(1, 4096));
  command.add_option("--only", o.only, "Measure one threshold")->check(one_of(tuned_names()));
  command.add_flag("--json", is_json, "Figures as JSON");
  return command;
}

int run_tune(const TuneOptions& o, bool is_json) {
  Engine engine(o.threads);
  const TuneFigures figures = measure_thresholds(engine, o.seconds, o.only);
  std::cout << (is_json ? json_text(tune_json(figures), 2) + "\n" : tune_text(figures));
  return 0;
}

}  // namespace lucid
