#include "data/hdf5/write.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "data/hdf5/file.h"
#include "data/hdf5/h5_files.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

TEST_CASE("a file made in memory reads back with its arrays and attributes") {
  const TempDir dir;
  hdf5::Writer file = hdf5::Writer::in_memory("a.h5");
  const std::vector<float> weight{1, 2, 3, 4, 5, 6};
  const std::vector<double> rate{0.1};
  const std::vector<std::int64_t> labels{1, 5};
  const std::string config(200000, '{');  // more than an attribute stored in place can hold
  file.write<float>("parameters/conv/weight", Shape{2, 3}, weight);
  file.write<double>("state/rate", Shape{}, rate);
  file.create_group("state/empty");
  file.set_attribute("/", "config", std::string("short"));
  file.set_attribute("/", "config", config);
  file.set_attribute("parameters", "version", std::int64_t{7});
  file.set_attribute("parameters/conv/weight", "scale", 0.25);
  file.set_attribute("parameters/conv/weight", "labels", std::span(labels));
  write_file_atomically(dir / "a.h5", file.image());

  const hdf5::File read(dir / "a.h5");
  CHECK(read.open("parameters/conv/weight").read<float>() == weight);
  CHECK(read.open("parameters/conv/weight").shape() == Shape{2, 3});
  CHECK(read.open("state/rate").read<double>() == rate);
  CHECK(read.open("state/rate").shape() == Shape{});
  CHECK(read.children("state") == std::vector<std::string>{"empty", "rate"});
  CHECK(read.attribute<std::string>("/", "config") == config);
  CHECK(read.attribute<std::int64_t>("parameters", "version") == 7);
  CHECK(read.attribute<double>("parameters/conv/weight", "scale") == 0.25);
  CHECK(read.attribute<double>("parameters", "version") == 7.0);
  CHECK(read.attribute_list<std::int64_t>("parameters/conv/weight", "labels") == labels);
  CHECK(!read.attribute<std::string>("/", "absent").has_value());
  CHECK(from_inside(dir.path(), error_of([&] { read.attribute<std::int64_t>("/", "config"); })) ==
        "3: a.h5: /: attribute 'config': expected an integer, found another type");
}

TEST_CASE("rows written one by one are those of the whole") {
  const TempDir dir;
  hdf5::Writer file(dir / "a.h5");
  file.create("x", ElementType::kInt32, Shape{3, 2}, {.rows_per_chunk = 2, .deflate = 4});
  const std::vector<std::int32_t> first{1, 2, 3, 4}, last{5, 6};
  file.write_rows<std::int32_t>("x", 2, last);
  file.write_rows<std::int32_t>("x", 0, first);
  file.close();
  const hdf5::Array array = hdf5::File(dir / "a.h5").open("x");
  CHECK(array.read<float>() == std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK(array.info().storage == "chunks 2x2, shuffle, deflate 4");
}

TEST_CASE("boxes of chunks of any form, and attributes of many values, read back") {
  const TempDir dir;
  hdf5::Writer file(dir / "a.h5");
  file.create("x", ElementType::kInt16, Shape{2, 2, 3}, {.chunk = {1, 9, 2}, .deflate = 1});
  const std::vector<std::int16_t> left{1, 2, 3, 4}, right{5, 6, 7, 8, 9, 10, 11, 12};
  file.write_stored("x", {{1, 0, 2}, {1, 2, 1}}, std::as_bytes(std::span(left).first(2)));
  file.write_stored("x", {{0, 0, 0}, {2, 2, 2}}, std::as_bytes(std::span(right)));
  const std::vector<double> matrix{1, 0.5, -2, 3};
  file.set_attribute("x", "matrix", Shape{2, 2}, matrix);
  const std::vector<std::string> words{"one", "", "three"};
  file.set_attribute("x", "words", std::span<const std::string>(words));
  file.close();
  const hdf5::File read(dir / "a.h5");
  CHECK(read.open("x").read<float>() == std::vector<float>{5, 6, 0, 7, 8, 0, 9, 10, 1, 11, 12, 2});
  CHECK(read.open("x").info().storage == "chunks 1x2x2, shuffle, deflate 1");
  CHECK(read.attribute_list<double>("x", "matrix") == matrix);
  CHECK(read.attribute_list<double>("x", "absent").empty());
  CHECK(read.attribute_list<std::string>("x", "words") == words);
  CHECK(read.attribute_list<std::string>("x", "absent").empty());
}

TEST_CASE("a file that cannot be made is told with the reason") {
  const TempDir dir;
  CHECK(from_inside(dir.path(), error_of([&] { hdf5::Writer{dir / "absent/a.h5"}; })) ==
        "1: absent/a.h5: cannot be written: No such file or directory");
}

TEST_CASE("equal calls make equal files") {
  const auto make = [] {
    hdf5::Writer file = hdf5::Writer::in_memory("a.h5");
    const std::vector<float> values{1, 2};
    file.write<float>("group/x", Shape{2}, values);
    file.set_attribute("group", "name", "x");
    return file.image();
  };
  CHECK(make() == make());
}
