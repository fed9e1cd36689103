#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/json.h"
#include "support/experiment.h"

namespace lucid::test {

// A table of tests/cli/errors: one line a row, a command with what it ends with. Its fields:
//   run     the command; words with spaces are in single quotes
//   set     changes to the experiment file a.json, by JSON pointer; a pointer with - before it is
//   removed files   further files by name, with their text env     variables of the environment
//   code    the exit code
//   error   what the command writes to stderr; a list where it is more than one line. FOLDER stands
//           for the working directory.
class ErrorTable {
 public:
  explicit ErrorTable(const std::filesystem::path& file);

  const std::string& name() const { return name_; }
  const std::vector<Json>& rows() const { return rows_; }
  // Runs the row's command in the table's folder, and returns the row with what it ended with.
  Json run(const Json& row) const;
  // Writes the table with other rows.
  void write(const std::vector<Json>& rows) const;

 private:
  std::string run_command(const std::string& command, const Json& env, int& code) const;

  std::filesystem::path file_;
  std::string name_;
  Json begin_;  // commands that make the files all rows start from
  std::vector<Json> rows_;
  Experiment experiment_;
};

// All tables, in the order of their names.
std::vector<std::filesystem::path> error_tables();

// Returns the page that lists the errors of all tables by program and exit code.
std::string errors_page(const std::vector<Json>& rows);

}  // namespace lucid::test
