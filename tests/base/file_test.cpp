#include "base/file.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "data/hdf5/h5_files.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

TEST_CASE("a file is replaced whole and nothing stays beside it") {
  const TempDir dir;
  dir.write("a.txt", "old and longer");
  write_file_atomically(dir / "a.txt", "new");
  CHECK(read_text(dir / "a.txt") == "new");
  CHECK(std::distance(std::filesystem::directory_iterator(dir.path()), {}) == 1);
}

TEST_CASE("a file that cannot be put in place leaves what is there") {
  const TempDir dir;
  std::filesystem::create_directory(dir / "taken");
  dir.write("taken/a.txt", "");
  CHECK(from_inside(dir.path(), error_of([&] { write_file_atomically(dir / "taken", "x"); })) ==
        "1: taken: cannot be written: Is a directory");
  CHECK(from_inside(dir.path(), error_of([&] { write_file_atomically(dir / "no/a", "x"); })) ==
        "1: no/a: cannot be written: No such file or directory");
  CHECK(std::distance(std::filesystem::directory_iterator(dir.path()), {}) == 1);
}

TEST_CASE("an unfinished file goes away with its object") {
  const TempDir dir;
  {
    const UnfinishedFile unfinished(dir / "a.txt");
    dir.write(unfinished.path().filename().string(), "half");
    CHECK(std::filesystem::exists(unfinished.path()));
  }
  CHECK(std::filesystem::is_empty(dir.path()));
}
