#include "base/folder_lock.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "data/hdf5/h5_files.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace fs = std::filesystem;

namespace {

const FolderLock::Texts kTexts{"cannot be made", "is in use"};

}  // namespace

TEST_CASE("a folder has one lock at a time") {
  const TempDir dir;
  const auto lock = [&] { const FolderLock taken(dir / "a", kTexts); };
  {
    const FolderLock first(dir / "a", kTexts);
    CHECK(from_inside(dir.path(), error_of(lock)) == "1: a: is in use");
  }
  CHECK(error_of(lock) == "");
}

TEST_CASE("a lock that is asked for if it is free is none where another has it") {
  const TempDir dir;
  {
    const auto first = FolderLock::if_free(dir / "a/b", "cannot be made");
    REQUIRE(first);
    CHECK_FALSE(FolderLock::if_free(dir / "a/b", "cannot be made"));
    CHECK(fs::exists(dir / "a/b"));
  }
  CHECK(fs::is_empty(dir.path()));
  dir.write("file", "");
  CHECK(from_inside(dir.path(), error_of([&] {
                      FolderLock::if_free(dir / "file", "cannot be made");
                    })) == "1: file: cannot be made: Not a directory");
}

TEST_CASE("folders that were made for a lock go with it while they are empty") {
  const TempDir dir;
  {
    const FolderLock lock(dir / "a/b/c", kTexts);
    CHECK(fs::exists(dir / "a/b/c"));
  }
  CHECK(fs::is_empty(dir.path()));
  fs::create_directory(dir / "a");
  {
    const FolderLock lock(dir / "a/b", kTexts);
    dir.write("a/b/file", "");
  }
  CHECK(fs::exists(dir / "a/b/file"));
  { const FolderLock lock(dir / "a", kTexts); }
  CHECK(fs::exists(dir / "a"));
}

TEST_CASE("what is no folder cannot be locked") {
  const TempDir dir;
  dir.write("file", "");
  for (const std::string name : {"file", "file/a"})
    CHECK(from_inside(dir.path(), error_of([&] { FolderLock(dir / name, kTexts); })) ==
          "1: " + name + ": cannot be made: Not a directory");
}
