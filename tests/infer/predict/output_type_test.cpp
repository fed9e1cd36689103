#include "infer/predict/output_type.h"

#include <doctest/doctest.h>
#include <hdf5.h>

#include <cmath>
#include <limits>

#include "infer/tiled/segmenter.h"
#include "support/approx.h"

namespace lucid {
namespace {

using test::approx;
using test::Segmenter;

std::string refusal(OutputType type, Activation activation, Shape::Extent channels) {
  return test::error_of([&] { OutputFormat(type, activation, channels); });
}

template <class T>
std::vector<T> converted(OutputType type, Activation activation, const std::vector<float>& values) {
  const OutputFormat format(type, activation, 2);
  REQUIRE(format.element_bytes() == sizeof(T));
  std::vector<T> out(values.size());
  format.convert(values, reinterpret_cast<std::byte*>(out.data()));
  return out;
}

}  // namespace

TEST_CASE("a type that cannot hold what is written is refused with those that can") {
  CHECK(refusal(OutputType::kUint8, Activation::kNone, 2) ==
        "2: --output-type: expected one of float32, float16 for the activation 'none' of 2 "
        "channels, found 'uint8'");
  CHECK(refusal(OutputType::kInt32, Activation::kSigmoid, 1) ==
        "2: --output-type: expected one of float32, float16, uint8 for the activation 'sigmoid' of "
        "1 channels, found 'int32'");
  CHECK(refusal(OutputType::kUint8, Activation::kArgmax, 257) ==
        "2: --output-type: expected one of uint16, int32 for the activation 'argmax' of 257 "
        "channels, found 'uint8'");
  CHECK(refusal(OutputType::kUint8, Activation::kArgmax, 256) == "");
  CHECK(refusal(OutputType::kFloat16, Activation::kArgmax, 3).starts_with("2: "));
}

TEST_CASE("numbers are rounded to nearest") {
  CHECK(converted<std::uint8_t>(OutputType::kUint8, Activation::kSoftmax,
                                {0, 1, 0.5F, 0.001F, 0.003F}) ==
        std::vector<std::uint8_t>{0, 255, 128, 0, 1});
  CHECK(converted<std::uint8_t>(OutputType::kUint8, Activation::kArgmax, {0, 1, 255}) ==
        std::vector<std::uint8_t>{0, 1, 255});
  CHECK(converted<std::uint16_t>(OutputType::kUint16, Activation::kArgmax, {0, 300, 65535}) ==
        std::vector<std::uint16_t>{0, 300, 65535});
  CHECK(converted<std::int32_t>(OutputType::kInt32, Activation::kArgmax, {0, 7}) ==
        std::vector<std::int32_t>{0, 7});
}

TEST_CASE("what has no class is the largest value of unsigned types, and -1") {
  const float nan = std::nanf("");
  CHECK(converted<std::uint8_t>(OutputType::kUint8, Activation::kArgmax, {1, nan, 0}) ==
        std::vector<std::uint8_t>{1, 255, 0});
  CHECK(converted<std::uint16_t>(OutputType::kUint16, Activation::kArgmax, {1, nan, 0}) ==
        std::vector<std::uint16_t>{1, 65535, 0});
  CHECK(converted<std::int32_t>(OutputType::kInt32, Activation::kArgmax, {1, nan, 0}) ==
        std::vector<std::int32_t>{1, -1, 0});
  CHECK(converted<std::uint8_t>(OutputType::kUint8, Activation::kSoftmax, {1, nan, 0}) ==
        std::vector<std::uint8_t>{255, 0, 0});
}

TEST_CASE("halves are rounded as IEEE 754 says") {
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK(converted<std::uint16_t>(
            OutputType::kFloat16, Activation::kNone,
            {0, -0.F, 1, -2, 65504, 65520, 1e10F, -infinity, 6.1035156e-05F, 5.9604645e-08F,
             2.9e-08F, 0.33333334F, 1.00048828125F, 1.00146484375F}) ==
        std::vector<std::uint16_t>{0, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x7c00, 0x7c00, 0xfc00,
                                   0x0400, 0x0001, 0, 0x3555, 0x3c00, 0x3c02});
  CHECK((converted<std::uint16_t>(OutputType::kFloat16, Activation::kNone, {std::nanf("")})[0] &
         0x7fff) > 0x7c00);
}

TEST_CASE("predictions are written in the type asked for, of windows and of whole volumes") {
  Segmenter f;
  f.add_volume("a.h5", {16, 16, 16});
  for (const bool is_tiled : {false, true}) {
    CAPTURE(is_tiled);
    f.options.activation = Activation::kSoftmax;
    f.options.tiles.reset();
    f.options.output_type.reset();
    if (is_tiled) f.options.tiles = TileOptions{};
    const auto exact = f.predictions();
    const auto type = [&] { return hdf5::File(f.options.output).open("predictions").info().type; };
    CHECK(type() == "float32");
    f.options.output_type = OutputType::kFloat16;
    CHECK(f.predictions() == approx(exact).within(5e-4, 1e-7));
    CHECK(type() == "float16");
    f.options.output_type = OutputType::kUint8;
    auto scaled = f.predictions();
    CHECK(type() == "uint8");
    const double scale = *hdf5::File(f.options.output).attribute<double>("predictions", "scale");
    for (float& value : scaled) value *= static_cast<float>(scale);
    CHECK(scaled == approx(exact).within(0, 0.5 / 255 + 1e-6));
    f.options.activation = Activation::kArgmax;
    f.options.output_type.reset();
    const auto classes = f.predictions();
    CHECK(type() == "int32");
    for (const auto small : {OutputType::kUint8, OutputType::kUint16}) {
      f.options.output_type = small;
      CHECK(f.predictions() == classes);
      CHECK(type() == output_type_names()[static_cast<std::size_t>(small)]);
      CHECK(hdf5::File(f.options.output).open("predictions").shape() == Shape{1, 16, 16, 16});
    }
  }
}

TEST_CASE("windows are written in compressed chunks with the input's attributes") {
  Segmenter f;
  f.add_volume("a.h5", {20, 16, 18});
  {
    const hid_t file = H5Fopen(f.options.inputs[0].c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    const hid_t dataset = H5Dopen2(file, "volumes", H5P_DEFAULT);
    const hsize_t three = 3;
    const hid_t space = H5Screate_simple(1, &three, nullptr);
    const hid_t size =
        H5Acreate2(dataset, "element_size_um", H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT);
    const double voxel[3] = {2, 0.5, 0.25};
    H5Awrite(size, H5T_NATIVE_DOUBLE, voxel);
    const hid_t scalar = H5Screate(H5S_SCALAR);
    const hid_t reference =
        H5Acreate2(dataset, "other", H5T_STD_REF_OBJ, scalar, H5P_DEFAULT, H5P_DEFAULT);
    for (const hid_t attribute : {size, reference}) H5Aclose(attribute);
    for (const hid_t s : {space, scalar}) H5Sclose(s);
    H5Dclose(dataset);
    H5Fclose(file);
  }
  f.run();
  const hdf5::File file(f.options.output);
  CHECK(file.open("predictions").info().storage == "chunks 1x1x8x16x18, shuffle, deflate 1");
  CHECK(file.attribute_list<double>("predictions", "element_size_um") ==
        std::vector<double>{2, 0.5, 0.25});
  CHECK_FALSE(file.attribute<std::int64_t>("predictions", "other").has_value());
  CHECK(file.attribute<std::string>("predictions", "axes") == "ncdhw");
  CHECK(file.attribute<std::string>("predictions", "input_files") == f.options.inputs[0]);
  CHECK(file.attribute<std::string>("predictions", "input_datasets") == "volumes");
  CHECK(file.attribute<std::string>("predictions", "checkpoint") ==
        f.options.checkpoints.front().string());
}

}  // namespace lucid
