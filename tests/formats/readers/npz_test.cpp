#include <doctest/doctest.h>
#include <sys/stat.h>

#include "formats/readers/made_files.h"
#include "formats/readers/numpy.h"
#include "formats/readers/read_volume.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

const std::string kArray = npy("|u1", "(1, 2, 3)", "123456");

std::string reading_all(const TempDir& dir, const std::string& content) {
  const auto path = dir.write("a.npz", content);
  return from_inside(dir.path(), error_of([&] {
                       const Npz archive(path);
                       for (const std::string& name : archive.arrays())
                         read_all(archive.open(name));
                     }));
}

}  // namespace

TEST_CASE("an archive tells its arrays from its other files") {
  const TempDir dir;
  const Npz archive(dir.write(
      "a.npz", zip({{"b.npy", kArray}, {"notes.txt", "x"}, {"a.npy", kArray}, {"sub/", ""}})));
  CHECK(archive.arrays() == std::vector<std::string>{"a", "b"});
  CHECK(archive.others() == std::vector<std::string>{"notes.txt"});
  VolumeFile first = archive.open("a"), second = archive.open("b");  // several at a time
  CHECK(read_all(std::move(second)).values == read_all(std::move(first)).values);
}

TEST_CASE("archives that are ambiguous, encrypted or no files are refused") {
  const TempDir dir;
  CHECK(reading_all(dir, zip({{"a.npy", kArray}, {"a.npy", kArray}})).starts_with("3: a.npz: "));
  std::string encrypted = zip({{"a.npy", kArray}});
  encrypted[6] = 1;                                 // the local header's flags
  encrypted[encrypted.find("PK\x01\x02") + 8] = 1;  // and the directory's
  CHECK(reading_all(dir, encrypted).starts_with("3: a.npz: a.npy: cannot be read: "));
  std::filesystem::create_directory(dir / "folder.npz");
  CHECK(from_inside(dir.path(), error_of([&] { Npz(dir / "folder.npz"); })) ==
        "3: folder.npz: expected a zip archive, found a folder");
  mkfifo((dir / "pipe.npz").c_str(), 0600);
  CHECK(from_inside(dir.path(), error_of([&] { Npz(dir / "pipe.npz"); })) ==
        "3: pipe.npz: expected a zip archive, found a FIFO");
  CHECK(from_inside(dir.path(), error_of([&] { Npz(dir / "absent.npz"); })) ==
        "2: absent.npz: no such file");
}

TEST_CASE("an array of an archive that is no array of numbers says so") {
  const TempDir dir;
  const Npz archive(dir.write("a.npz", zip({{"words.npy", npy("<U3", "(1,)", "x")},
                                            {"none.npy", npy("<f4", "(0, 3)", "")}})));
  CHECK_THROWS_AS(archive.open("words"), UnsupportedArray);
  CHECK_THROWS_AS(archive.open("none"), UnsupportedArray);
  CHECK(read_all(Npz(dir.write("b.npz", zip({{"x.npy", npy("|u1", "()", "\5")}}))).open("x"))
            .extents == std::vector<std::int64_t>{1});
}

TEST_CASE("an archive of many arrays is read, each by its name") {
  const TempDir dir;
  constexpr std::size_t kCount = 4000;  // took for ever when each was searched among all
  std::vector<std::pair<std::string, std::string>> members;
  for (std::size_t i = 0; i < kCount; ++i)
    members.emplace_back("a" + std::to_string(i) + ".npy", kArray);
  const Npz archive(dir.write("a.npz", zip(members)));
  CHECK(archive.arrays().size() == kCount);
  for (const std::string& name : archive.arrays()) read_all(archive.open(name));
}
