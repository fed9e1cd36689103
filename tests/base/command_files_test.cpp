#include "base/command_files.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "data/hdf5/h5_files.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace fs = std::filesystem;

namespace {

// Checks a command that reads in.h5 and writes two files.
std::string check(const TempDir& dir, const OutputFile& first, const std::string& second) {
  return from_inside(dir.path(), error_of([&] {
                       CommandFiles files;
                       files.writes({dir / first.path.string(), first.may_overwrite}, "first");
                       files.writes({dir / second, true}, "second");
                       files.reads(dir / "in.h5", "input");
                       files.check();
                     }));
}

}  // namespace

TEST_CASE("an output is none of the inputs and no other output, whatever path leads to it") {
  const TempDir dir;
  dir.write("in.h5", "input");
  fs::create_directory(dir / "folder");
  fs::create_symlink("in.h5", dir / "link.h5");
  fs::create_symlink("folder", dir / "other");
  fs::create_hard_link(dir / "in.h5", dir / "hard.h5");
  for (const std::string name : {"in.h5", "./in.h5", "folder/../in.h5", "link.h5", "hard.h5"}) {
    CHECK(check(dir, {name, true}, "b") ==
          "2: " + name + ": expected another file for the output, found the input");
    CHECK(check(dir, {name, false}, "b") ==
          "2: " + name + ": expected another file for the output, found the input");
  }
  for (const std::string name : {"folder/a", "other/a", "other/./a"})
    CHECK(check(dir, {"folder/a", true}, name) ==
          "2: " + name + ": expected another file for the output, found the first");
  CHECK(check(dir, {"a", false}, "b") == "");
}

TEST_CASE("an output that exists is refused unless it may be replaced") {
  const TempDir dir;
  dir.write("a", "old");
  CHECK(check(dir, {"a", false}, "b") == "2: a: exists; --overwrite replaces it");
  CHECK(check(dir, {"a", true}, "b") == "");
  CHECK(check(dir, {"no/a", true}, "b") == "1: no/a: cannot be written: No such file or directory");
  CHECK(check(dir, {".", true}, "b") == "1: .: cannot be written: Is a directory");
}

TEST_CASE("checking an output removes what killed processes left of it") {
  const TempDir dir;
  dir.write("a.unfinished-999999999", "half");
  CHECK(check(dir, {"a", false}, "b") == "");
  CHECK(fs::is_empty(dir.path()));
}
