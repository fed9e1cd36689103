#include "formats/writers/unfinished_store.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include "base/error.h"
#include "data/hdf5/h5_files.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

namespace fs = std::filesystem;

// Writes a store of one file; returns the error.
std::string stored(const TempDir& dir, bool may_overwrite, const std::string& content) {
  return from_inside(dir.path(), error_of([&] {
                       UnfinishedStore store({dir / "a.zarr", may_overwrite});
                       std::ofstream(store.path() / ".zgroup") << content;
                       store.put_in_place();
                     }));
}

std::ptrdiff_t entries_in(const TempDir& dir) {
  return std::distance(fs::directory_iterator(dir.path()), {});
}

}  // namespace

TEST_CASE("a store appears when it is complete, and replaces another one only if it may") {
  const TempDir dir;
  CHECK(stored(dir, false, "one") == "");
  CHECK(stored(dir, false, "two") == "2: a.zarr: exists; --overwrite replaces it");
  dir.write("a.zarr/0/old", "");
  CHECK(stored(dir, true, "three") == "");
  CHECK(read_text(dir / "a.zarr/.zgroup") == "three");
  CHECK(std::distance(fs::directory_iterator(dir / "a.zarr"), {}) == 1);
  CHECK(entries_in(dir) == 1);
}

TEST_CASE("a store goes away with its object, and what was there stays") {
  const TempDir dir;
  REQUIRE(stored(dir, false, "one") == "");
  {
    const UnfinishedStore store({dir / "a.zarr", true});
    std::ofstream(store.path() / ".zgroup") << "half";
    fs::create_directories(store.path() / "0/0");
    CHECK(entries_in(dir) == 2);
  }
  CHECK(read_text(dir / "a.zarr/.zgroup") == "one");
  CHECK(entries_in(dir) == 1);
}

TEST_CASE("no store replaces what is none") {
  const TempDir dir;
  dir.write("a.zarr/letter.txt", "dear");
  CHECK(stored(dir, true, "new") ==
        "2: a.zarr: expected a Zarr store to replace, found a folder of something else; choose "
        "another name");
  CHECK(read_text(dir / "a.zarr/letter.txt") == "dear");
  fs::remove_all(dir / "a.zarr");
  dir.write("a.zarr", "a file");
  CHECK(stored(dir, true, "new") ==
        "2: a.zarr: expected a Zarr store to replace, found a file; choose another name");
  fs::remove(dir / "a.zarr");
  fs::create_directory(dir / "a.zarr");
  CHECK(stored(dir, true, "new") == "");
}

TEST_CASE("a link to a store is kept") {
  const TempDir dir;
  dir.write("far/b.zarr/.zgroup", "old");
  fs::create_symlink("far/b.zarr", dir / "a.zarr");
  CHECK(stored(dir, true, "new") == "");
  CHECK(fs::is_symlink(dir / "a.zarr"));
  CHECK(read_text(dir / "far/b.zarr/.zgroup") == "new");
}

TEST_CASE("stores of processes that ended are removed, and those that may be written are kept") {
  const TempDir dir;
  dir.write("a.zarr.unfinished-999999999/.lucid-lock", "");
  dir.write("a.zarr.unfinished-999999999/0/0/0", "half");
  dir.write("a.zarr.unfinished-" + std::to_string(getppid()) + "/.lucid-lock", "");
  dir.write("a.zarr.unfinished-999999998/0/0", "without a lock");
  dir.write("a.zarr.unfinished-99x/.lucid-lock", "another's");
  dir.write("b.zarr.unfinished-999999999/.lucid-lock", "of another store");
  dir.write("a.zarr.unfinished-999999999-2/.lucid-lock", "");
  dir.write("a.zarr.unfinished-" + std::to_string(getpid()) + "/0/0", "with this number, no lock");
  CHECK(stored(dir, false, "new") == "");
  CHECK_FALSE(fs::exists(dir / "a.zarr.unfinished-999999999-2"));
  CHECK_FALSE(fs::exists(dir / "a.zarr.unfinished-999999999"));
  CHECK(entries_in(dir) == 6);
}

TEST_CASE("two stores of one name may be written at a time, by objects that hold their locks") {
  const TempDir dir;
  UnfinishedStore first({dir / "a.zarr", true}), second({dir / "a.zarr", true});
  CHECK(first.path() != second.path());
  for (const UnfinishedStore* store : {&first, &second})
    std::ofstream(store->path() / ".zgroup") << store->path().string();
  second.put_in_place();
  first.put_in_place();
  CHECK(read_text(dir / "a.zarr/.zgroup") == first.path().string());
  UnfinishedStore late({dir / "b.zarr", false});
  std::ofstream(late.path() / ".zgroup") << "late";
  dir.write("b.zarr/.zgroup", "early");
  CHECK_THROWS_AS(late.put_in_place(), Error);
  CHECK(read_text(dir / "b.zarr/.zgroup") == "early");
}

TEST_CASE("stores are equal if their files are") {
  const TempDir dir;
  for (const char* store : {"a", "b"}) {
    dir.write(std::string(store) + "/.zgroup", "{}");
    dir.write(std::string(store) + "/0/0", "content");
  }
  dir.write("b/.lucid-lock", "");
  CHECK(have_equal_files(dir / "a", dir / "b"));
  dir.write("b/0/0", "others.");
  CHECK_FALSE(have_equal_files(dir / "a", dir / "b"));
  dir.write("b/0/0", "content");
  dir.write("b/0/1", "");
  CHECK_FALSE(have_equal_files(dir / "a", dir / "b"));
}
