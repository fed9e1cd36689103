#include <doctest/doctest.h>

#include <cstdlib>
#include <set>

#include "base/file.h"
#include "cli/error_rows.h"
#include "paths.h"

// Runs the tables of errors, a test each that may run beside the others, and compares the page of
// them with docs.
namespace lucid {
namespace {

namespace fs = std::filesystem;

bool is_writing() { return std::getenv("LUCID_WRITE_ERRORS") != nullptr; }

void check_table(const std::string& name) {
  const test::ErrorTable table(fs::path(LUCID_SOURCE_DIR) / "tests/cli/errors" / (name + ".json"));
  std::vector<Json> found;
  for (const Json& row : table.rows()) {
    found.push_back(table.run(row));
    if (!is_writing()) CHECK(json_text(found.back()) == json_text(row));
  }
  CHECK(!found.empty());
  if (is_writing()) table.write(found);
}

}  // namespace

TEST_CASE("every error of arguments is written as the table says") { check_table("arguments"); }
TEST_CASE("every error of checkpoints is written as the table says") { check_table("checkpoints"); }
TEST_CASE("every error of the experiment is written as the table says") {
  check_table("experiment");
}
TEST_CASE("every error of folds is written as the table says") { check_table("folds"); }
TEST_CASE("every error of formats is written as the table says") { check_table("formats"); }

TEST_CASE("every error of the tables is listed on the page, and every table is run") {
  const std::set<std::string> run{"arguments", "checkpoints", "experiment", "folds", "formats"};
  std::set<std::string> tables;
  std::vector<Json> all;
  for (const fs::path& file : test::error_tables()) {
    tables.insert(file.stem().string());
    const Json table = read_json_file(file);
    for (const Json& row : table.at("rows")) all.push_back(row);
  }
  CHECK(tables == run);
  const fs::path page = fs::path(LUCID_SOURCE_DIR) / "configs/errors/README.md";
  if (is_writing()) {
    fs::create_directories(page.parent_path());
    std::ofstream(page) << test::errors_page(all);
  }
  CHECK(test::read_text(page) == test::errors_page(all));
}

}  // namespace lucid
