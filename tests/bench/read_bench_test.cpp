#include "bench/read_bench.h"

#include <nlohmann/json.hpp>

#include "data/chunks/stored_x.h"

using namespace lucid;
using namespace lucid::test;

TEST_CASE("reading is timed with HDF5 first and with up to so many threads") {
  const TempDir dir;
  store_x(dir / "a.h5", {40, 30, 20}, H5T_STD_U16LE, chunks({16, 16, 16}, both));
  const ReadFigures figures =
      measure_reads({.file = dir / "a.h5", .dataset = "x", .threads = 3, .repeats = 2});
  CHECK(figures.decoded_bytes == 40 * 30 * 20 * 2);
  CHECK(figures.stored_bytes > 0);
  CHECK(figures.stored_bytes < figures.decoded_bytes);
  std::vector<std::pair<std::string, int>> readers;
  for (const ReadFigures::Reader& reader : figures.readers) {
    readers.emplace_back(reader.name, reader.threads);
    CHECK(reader.seconds > 0);
  }
  CHECK(readers == std::vector<std::pair<std::string, int>>{
                       {"H5Dread", 1}, {"lucid", 1}, {"lucid", 2}, {"lucid", 3}});
  const Json json = read_json(figures);
  CHECK(json["readers"].size() == 4);
  CHECK(json["readers"][0]["times_h5dread"] == 1.0);
  CHECK(json["storage"] == "chunks 16x16x16, shuffle, deflate 4");
  const std::string table = from_inside(dir.path(), read_table(figures));
  CHECK(table.starts_with("a.h5: /x: 40x30x20 uint16, chunks 16x16x16, shuffle, deflate 4; "));
  CHECK(table.find("reader   threads  ") != std::string::npos);
}

TEST_CASE("reading a scalar is not timed") {
  const TempDir dir;
  store(dir / "a.h5", "x", {{}, {5}, H5T_STD_I16LE});
  CHECK(from_inside(dir.path(), error_of([&] {
                      measure_reads({.file = dir / "a.h5", .dataset = "x"});
                    })) == "3: a.h5: /x: expected an array, found a scalar");
}
