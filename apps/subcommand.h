#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace lucid {

// A subcommand of a program. It holds its parsed options, so it must outlive the parse.
class Subcommand {
 public:
  Subcommand(CLI::App& app, const std::string& name, const std::string& description)
      : options_(*app.add_subcommand(name, description)) {}
  virtual ~Subcommand() = default;
  Subcommand(const Subcommand&) = delete;
  Subcommand& operator=(const Subcommand&) = delete;

  bool is_chosen() const { return options_.parsed(); }
  virtual int run() = 0;  // returns the exit code

 protected:
  CLI::App& options_;
};

}  // namespace lucid
