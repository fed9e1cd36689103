#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "bench/read_bench.h"

namespace lucid {

// Subcommands of lucid-bench that time no experiment file: each is added to the program, and runs
// once it was parsed.
CLI::App& add_read(CLI::App& app, ReadOptions& options, bool& is_json);
int run_read(const ReadOptions& options, bool is_json);

struct DigitsOptions {
  std::int64_t size = 96;
  int threads = 0;
};
CLI::App& add_digits(CLI::App& app, DigitsOptions& options, bool& is_json);
int run_digits(const DigitsOptions& options, bool is_json);

// What joins the ranks: by default 10 Gbit/s Ethernet, whose messages by TCP take some 25 us from
// one machine to the next.
struct LinkOptions {
  double latency_us = 25, bandwidth_gbits = 10;
};
CLI::App& add_ranks(CLI::App& app, LinkOptions& options);  // its files are added elsewhere

struct TuneOptions {
  double seconds = 0.1;
  int threads = 0;
  std::string only;
};
CLI::App& add_tune(CLI::App& app, TuneOptions& options, bool& is_json);
int run_tune(const TuneOptions& options, bool is_json);

}  // namespace lucid
