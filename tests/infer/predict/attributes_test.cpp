#include <doctest/doctest.h>

#include "data/hdf5/h5_files.h"
#include "data/hdf5/write.h"
#include "formats/readers/geometry.h"
#include "infer/infer.h"
#include "infer/predict/go_on.h"
#include "infer/tiled/segmenter.h"

using namespace lucid;
using namespace lucid::test;

namespace {

// Adds a volume with attributes that hold for its predictions, and some that do not.
void add_described(Segmenter& f, const std::string& name, const Shape& shape, double voxel_size) {
  f.add_volume(name, shape);
  hdf5::Writer writer(f.experiment / name);
  std::vector<std::uint8_t> voxels(shape.count(), 7);
  writer.write<std::uint8_t>("volumes", shape, voxels);
  Geometry geometry = plain_geometry({voxel_size, 3, 2});
  geometry.sform_code = 2;
  write_geometry(writer, "volumes", geometry);
  writer.set_attribute("volumes", "axes", std::string("dhw"));
  writer.set_attribute("volumes", "patient", std::string("seven"));
  writer.set_attribute("volumes", "scale", 0.25);
  writer.set_attribute("volumes", "large", std::string(100000, 'x'));
  writer.close();
}

std::vector<std::string> names_of(const std::filesystem::path& file) {
  return hdf5::attribute_names(hdf5::File(file).open("predictions"));
}

}  // namespace

TEST_CASE("predictions have the same attributes for a volume of one window and of several") {
  Segmenter f;
  std::vector<std::vector<std::string>> names;
  for (const Shape& shape : {Shape{16, 16, 16}, Shape{16, 16, 17}}) {
    f.options.inputs.clear();
    add_described(f, "in.h5", shape, 4);
    f.run();
    names.push_back(names_of(f.options.output));
    const hdf5::File file(f.options.output);
    CHECK(file.attribute<std::string>("predictions", "axes") == "ncdhw");
    CHECK(file.attribute<std::string>("predictions", "patient") == "seven");
    CHECK(file.attribute<std::string>("predictions", "large") == std::string(100000, 'x'));
    CHECK(read_geometry(file, "predictions")->voxel_size == std::array<double, 3>{4, 3, 2});
    CHECK(read_geometry(file, "predictions")->sform_code == 2);
    CHECK(file.attribute<std::string>("predictions", "input_datasets") == "volumes");
    CHECK(!file.attribute<double>("predictions", "scale"));  // that of the input's values
  }
  CHECK(names[0] == names[1]);
  f.options.activation = Activation::kArgmax;
  add_described(f, "in.h5", {16, 16, 16}, 4);
  f.options.inputs.pop_back();
  f.run();
  CHECK(hdf5::File(f.options.output).attribute<std::string>("predictions", "axes") == "ndhw");
}

TEST_CASE("predictions of several volumes have the attributes that all of them have") {
  Segmenter f;
  add_described(f, "a.h5", {16, 16, 16}, 4);
  add_described(f, "b.h5", {16, 16, 16}, 5);
  f.run();
  const hdf5::File file(f.options.output);
  CHECK(file.attribute<std::string>("predictions", "patient") == "seven");
  CHECK(file.attribute_list<double>("predictions", "voxel_size_mm").empty());
  CHECK(file.attribute<std::string>("predictions", "axes") == "ncdhw");
}

TEST_CASE("a volume is read in the axes that its attribute names") {
  Segmenter f;
  const Shape shape{16, 17, 18}, turned{18, 16, 17};  // (d, h, w), (w, d, h)
  const std::vector<std::uint8_t> voxels = f.add_volume("plain.h5", shape);
  const std::vector<float> expected = f.predictions();
  std::vector<std::uint8_t> stored;
  for (std::size_t w = 0; w < 18; ++w)
    for (std::size_t row = 0; row < 16 * 17; ++row) stored.push_back(voxels[row * 18 + w]);
  hdf5::Writer writer(f.experiment / "turned.h5");
  writer.write<std::uint8_t>("volumes", turned, stored);
  writer.set_attribute("volumes", "axes", std::string("wdh"));
  writer.close();
  f.options.inputs = {(f.experiment / "turned.h5").string()};
  CHECK(f.predictions() == expected);
  f.options.axes = "dhw";
  CHECK(f.predictions() != expected);
}

TEST_CASE("predictions of classes have no place in space") {
  Experiment experiment;
  experiment.train("run");
  InferOptions options;
  options.checkpoints = {experiment.last("run")};
  options.inputs = {(experiment / "validation.h5").string()};
  options.output = experiment / "out.h5";
  options.threads = 1;
  infer(options, go_on);
  CHECK(names_of(options.output) ==
        std::vector<std::string>{"activation", "checkpoint", "input_datasets", "input_files"});
}
