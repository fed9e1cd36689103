#include "base/unfinished_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "data/hdf5/h5_files.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace fs = std::filesystem;

namespace {

std::ptrdiff_t files_in(const TempDir& dir) {
  return std::distance(fs::directory_iterator(dir.path()), {});
}

// Writes "new" to a file; returns the error.
std::string replaced(const TempDir& dir, const std::string& name) {
  return from_inside(dir.path(), error_of([&] { write_file_atomically(dir / name, "new"); }));
}

}  // namespace

TEST_CASE("an unfinished file goes away with its object") {
  const TempDir dir;
  {
    const UnfinishedFile unfinished(dir / "a.txt");
    dir.write(unfinished.path().filename().string(), "half");
    CHECK(fs::exists(unfinished.path()));
  }
  CHECK(fs::is_empty(dir.path()));
}

TEST_CASE("writing to a link replaces the file that it leads to, and keeps the link") {
  const TempDir dir;
  dir.write("far/a.txt", "old");
  fs::create_symlink("far/a.txt", dir / "near");
  fs::create_symlink("near", dir / "link");
  CHECK(replaced(dir, "link") == "");
  CHECK(fs::read_symlink(dir / "link") == "near");
  CHECK(fs::read_symlink(dir / "near") == "far/a.txt");
  CHECK(read_text(dir / "far/a.txt") == "new");
  CHECK(std::distance(fs::directory_iterator(dir / "far"), {}) == 1);
}

TEST_CASE("what is no file is never replaced by one") {
  const TempDir dir;
  fs::create_symlink("nowhere", dir / "dangling");
  fs::create_symlink("loop", dir / "loop");
  fs::create_symlink("/dev/null", dir / "null");
  REQUIRE(mkfifo((dir / "fifo").c_str(), 0600) == 0);
  CHECK(replaced(dir, "dangling") ==
        "2: dangling: cannot be written: it links to 'nowhere', which does not exist; remove the "
        "link or name that file");
  CHECK(replaced(dir, "loop") ==
        "2: loop: cannot be written: it is a link that leads back to itself");
  CHECK(replaced(dir, "null") == "2: null: cannot be written: it is a device; name a file");
  CHECK(replaced(dir, "fifo") == "2: fifo: cannot be written: it is a FIFO; name a file");
  CHECK(files_in(dir) == 4);
}

TEST_CASE("a file that appears while another is written is not replaced unasked") {
  const TempDir dir;
  UnfinishedFile unfinished(OutputFile{dir / "a.txt"});
  dir.write(unfinished.path().filename().string(), "new");
  dir.write("a.txt", "precious");
  CHECK(from_inside(dir.path(), error_of([&] { unfinished.put_in_place(); })) ==
        "2: a.txt: exists; --overwrite replaces it");
  CHECK(read_text(dir / "a.txt") == "precious");
  CHECK(from_inside(dir.path(), error_of([&] { UnfinishedFile(OutputFile{dir / "a.txt"}); })) ==
        "2: a.txt: exists; --overwrite replaces it");
}

TEST_CASE("leftovers of processes that have ended are removed, those of living ones are not") {
  const TempDir dir;
  const UnfinishedFile living(dir / "a.txt");
  dir.write("a.txt.unfinished-999999999", "left by a process that was killed");
  dir.write("a.txt.unfinished-999999999-2", "left as well");
  const std::string parent = "a.txt.unfinished-" + std::to_string(getppid());
  dir.write(parent, "perhaps still written");
  dir.write("a.txt.unfinished-notes", "somebody's");
  dir.write("b.txt.unfinished-999999999", "of another file");
  remove_leftovers(dir / "a.txt");
  CHECK(fs::exists(living.path()));
  CHECK(fs::exists(dir / parent));
  CHECK(fs::exists(dir / "a.txt.unfinished-notes"));
  CHECK(fs::exists(dir / "b.txt.unfinished-999999999"));
  CHECK(files_in(dir) == 4);
}

TEST_CASE("a number that a later process got does not protect a leftover") {
  const TempDir dir;
  const std::string name = "a.txt.unfinished-" + std::to_string(getppid());
  fs::last_write_time(dir.write(name, "of last year"),
                      fs::file_time_type::clock::now() - std::chrono::hours(365 * 24));
  remove_leftovers(dir / "a.txt");
  CHECK(files_in(dir) == 0);
}

TEST_CASE("two files of one name and process are kept apart") {
  const TempDir dir;
  UnfinishedFile first(dir / "a.txt"), second(dir / "a.txt");
  CHECK(first.path() != second.path());
}

TEST_CASE("a signal handler can remove everything unfinished") {
  const TempDir dir;
  const UnfinishedFile unfinished(dir / "a.txt");
  fs::create_directory(dir / "folder");
  const RemovedAtSignal folder(dir / "folder");
  const UnfinishedFile inside(dir / "folder/b.txt");
  remove_unfinished_files();
  CHECK(files_in(dir) == 0);
}

TEST_CASE("files that replace others together can be taken back") {
  const TempDir dir;
  dir.write("a.txt", "old");
  {
    UnfinishedFile a(dir / "a.txt"), b(dir / "b.txt");
    for (UnfinishedFile* file : {&a, &b}) {
      dir.write(file->path().filename().string(), "new");
      file->exchange();
    }
    CHECK(read_text(dir / "a.txt") == "new");
    for (UnfinishedFile* file : {&a, &b}) file->take_back();
  }
  CHECK(read_text(dir / "a.txt") == "old");
  CHECK(files_in(dir) == 1);
}
