#include "base/file.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <nlohmann/json.hpp>

#include "data/hdf5/h5_files.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

std::string reading_error(const TempDir& dir, const std::string& name) {
  return from_inside(dir.path(),
                     error_of([&] { read_file_if_any(dir / name, "a list", ExitCode::kFailed); }));
}

}  // namespace

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

TEST_CASE("all of a file is read, and only one that does not exist is missing") {
  const TempDir dir;
  std::string text(100000, 'x');
  text += std::string("\0\n", 2);
  dir.write("a", text);
  CHECK(read_file(dir / "a", "a list", ExitCode::kFailed) == text);
  dir.write("empty", "");
  CHECK(read_file(dir / "empty", "a list", ExitCode::kFailed) == "");
  CHECK_FALSE(read_file_if_any(dir / "absent", "a list", ExitCode::kFailed).has_value());
  CHECK(from_inside(dir.path(), error_of([&] {
                      read_file(dir / "absent", "a list", ExitCode::kFailed);
                    })) == "2: absent: no such file");
}

TEST_CASE("a read that fails is an error, not the end of the file") {
  const TempDir dir;
  std::filesystem::create_symlink("/proc/self/mem", dir / "a");  // a file whose start is unreadable
  CHECK(reading_error(dir, "a") == "1: a: cannot be read: Input/output error");
}

TEST_CASE("what is no file is told without waiting for it") {
  const TempDir dir;
  std::filesystem::create_directory(dir / "folder");
  REQUIRE(mkfifo((dir / "fifo").c_str(), 0600) == 0);
  std::filesystem::create_symlink("fifo", dir / "link");
  std::filesystem::create_symlink("/dev/zero", dir / "zero");
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::strncpy(name.sun_path, (dir / "socket").c_str(), sizeof name.sun_path - 1);
  const int socket_of_test = socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(bind(socket_of_test, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0);
  close(socket_of_test);
  const std::array<const char*, 5> kNames{"folder", "fifo", "link", "zero", "socket"};
  const std::array<const char*, 5> kKinds{"folder", "FIFO", "FIFO", "device", "socket"};
  for (std::size_t i = 0; i < kNames.size(); ++i)
    CHECK(reading_error(dir, kNames[i]) ==
          std::string("1: ") + kNames[i] + ": expected a list, found a " + kKinds[i]);
}
