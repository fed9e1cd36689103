#include "base/folder_lock.h"

#include <doctest/doctest.h>

#include <barrier>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

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

TEST_CASE("a folder that several make and lock at once is there for the one that has the lock") {
  constexpr int kThreads = 4, kTimes = 200;
  constexpr auto kLongerThanOthersTry = std::chrono::milliseconds(100);
  const TempDir dir;
  std::barrier start(kThreads);
  std::vector<std::string> errors(kThreads);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kThreads; ++i)
      threads.emplace_back([&, i] {
        for (int time = 0; time < kTimes; ++time) {
          start.arrive_and_wait();
          errors[i] += error_of([&] {
            const auto lock = FolderLock::if_free(dir / "a/b", "cannot be made");
            if (lock && time % 10 == 0) std::this_thread::sleep_for(kLongerThanOthersTry);
            if (lock && !fs::exists(dir / "a/b")) errors[i] += "removed";
          });
        }
      });
  }
  CHECK(errors == std::vector<std::string>(kThreads));
}

TEST_CASE("what is no folder cannot be locked") {
  const TempDir dir;
  dir.write("file", "");
  for (const std::string name : {"file", "file/a"})
    CHECK(from_inside(dir.path(), error_of([&] { FolderLock(dir / name, kTexts); })) ==
          "1: " + name + ": cannot be made: Not a directory");
  fs::create_symlink("nothing", dir / "link");
  CHECK(from_inside(dir.path(), error_of([&] { FolderLock(dir / "link", kTexts); })) ==
        "1: link: cannot be made: File exists");
}
