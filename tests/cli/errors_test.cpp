#include <doctest/doctest.h>

#include <cstdlib>

#include "cli/error_rows.h"
#include "paths.h"

// Runs the tables of errors, and compares the page of them with docs.
namespace lucid {
namespace {

namespace fs = std::filesystem;

bool is_writing() { return std::getenv("LUCID_WRITE_ERRORS") != nullptr; }

}  // namespace

TEST_CASE("every error of the tables is written as the table says, and listed on the page") {
  std::vector<Json> all;
  for (const fs::path& file : test::error_tables()) {
    const test::ErrorTable table(file);
    std::vector<Json> found;
    for (const Json& row : table.rows()) {
      found.push_back(table.run(row));
      if (!is_writing()) {
        CAPTURE(table.name());
        CHECK(json_text(found.back()) == json_text(row));
      }
    }
    if (is_writing()) table.write(found);
    all.insert(all.end(), found.begin(), found.end());
  }
  const fs::path page = fs::path(LUCID_SOURCE_DIR) / "configs/errors/README.md";
  if (is_writing()) {
    fs::create_directories(page.parent_path());
    std::ofstream(page) << test::errors_page(all);
  }
  CHECK(test::read_text(page) == test::errors_page(all));
}

}  // namespace lucid
