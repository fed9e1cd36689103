#include <doctest/doctest.h>

#include "data/hdf5/h5_files.h"
#include "data/hdf5/write.h"
#include "formats/import/export.h"
#include "formats/import/imported.h"
#include "formats/readers/read_volume.h"
#include "support/approx.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

// Exports a dataset of 1x2x3 voxels.
struct Exported {
  const TempDir dir;
  std::vector<std::string> warnings;

  std::string write(const std::function<void(hdf5::Writer&)>& fill) {
    hdf5::Writer writer(dir / "p.h5");
    fill(writer);
    writer.set_attribute("x", "voxel_size_mm", Shape{3}, std::vector<double>{4, 3, 2});
    writer.close();
    ExportOptions options;
    options.input = dir / "p.h5";
    options.output = {dir / "out.nii", true};
    options.dataset = "x";
    return from_inside(dir.path(), error_of([&] {
                         warnings = export_nifti(options, [](double share) { CHECK(share <= 1); });
                       }));
  }
  ReadVolume read() const { return read_volume(dir / "out.nii"); }
};

template <class T>
std::string type_of(const std::vector<T>& values, std::string* warning = nullptr) {
  Exported exported;
  const std::string error = exported.write([&](hdf5::Writer& writer) {
    writer.create("x", std::is_signed_v<T> ? ElementType::kInt64 : ElementType::kUint64,
                  Shape{1, 1, std::ssize(values)});
    writer.write_stored("x", {{0, 0, 0}, {1, 1, std::ssize(values)}},
                        std::as_bytes(std::span(values)));
  });
  if (!error.empty()) return error;
  const ReadVolume read = exported.read();
  for (std::size_t i = 0; i < values.size(); ++i)
    CHECK(read.values[i] == static_cast<double>(values[i]));
  if (warning != nullptr && !exported.warnings.empty())
    *warning = from_inside(exported.dir.path(), exported.warnings[0]);
  return read.type;
}

}  // namespace

TEST_CASE("the scale of stored probabilities becomes the slope of NIfTI") {
  Exported exported;
  CHECK(exported
            .write([](hdf5::Writer& writer) {
              const std::vector<std::uint8_t> values{0, 51, 102, 153, 204, 255};
              writer.write<std::uint8_t>("x", {1, 2, 3}, values);
              writer.set_attribute("x", "scale", 1.0 / 255);
            })
            .empty());
  CHECK(exported.read().type == "float32");
  CHECK(exported.read().values == approx({0, 0.2, 0.4, 0.6, 0.8, 1}).within(1e-6));
  const std::string bytes = read_text(exported.dir / "out.nii");
  CHECK(bytes.substr(70, 2) == bytes_of(std::int16_t{2}));  // still stored as uint8
  CHECK(bytes.substr(112, 4) == bytes_of(static_cast<float>(1.0 / 255)));
}

TEST_CASE("scale_factor and add_offset are slope and intercept of NIfTI") {
  Exported exported;
  CHECK(exported
            .write([](hdf5::Writer& writer) {
              writer.write<std::int32_t>("x", {1, 1, 2}, std::vector<std::int32_t>{3, 5});
              writer.set_attribute("x", "scale_factor", 0.5);
              writer.set_attribute("x", "add_offset", -1024.0);
            })
            .empty());
  CHECK(exported.read().values == std::vector<double>{-1022.5, -1021.5});
}

TEST_CASE("a scale that is no number is refused") {
  for (const double scale : {0.0, std::nan(""), HUGE_VAL}) {
    Exported exported;
    CHECK(exported
              .write([&](hdf5::Writer& writer) {
                writer.write<float>("x", {1, 1, 1}, std::vector<float>{3});
                writer.set_attribute("x", "scale", scale);
              })
              .starts_with("3: p.h5: /x: attribute 'scale': expected a finite number other than 0, "
                           "found "));
  }
}

TEST_CASE("integers of 64 bits are exported in the smallest type that holds them") {
  using Signed = std::vector<std::int64_t>;
  using Unsigned = std::vector<std::uint64_t>;
  CHECK(type_of(Signed{1, 255}) == "uint8");
  CHECK(type_of(Signed{-1, 127}) == "int8");
  CHECK(type_of(Signed{0, 256}) == "int16");
  CHECK(type_of(Signed{-1, 32767}) == "int16");
  CHECK(type_of(Signed{0, 65535}) == "uint16");
  CHECK(type_of(Signed{-1, 65535}) == "int32");
  CHECK(type_of(Signed{0, 4294967295}) == "uint32");
  CHECK(type_of(Unsigned{0, 7}) == "uint8");
  CHECK(type_of(Unsigned{1, 70000}) == "int32");
  std::string warning;
  CHECK(type_of(Signed{-1, 4294967295}, &warning) == "int64");
  CHECK(warning ==
        "p.h5: /x: holds integers beyond 32 bits (-1 to 4294967295), which few programs read from "
        "NIfTI");
  CHECK(type_of(Unsigned{1, std::uint64_t{1} << 63}, &warning) == "uint64");
  CHECK(warning.find("(1 to 9223372036854775808)") != std::string::npos);
}

TEST_CASE("axes that contradict the dataset are refused, an affine alone places it") {
  Exported exported;
  CHECK(exported.write([](hdf5::Writer& writer) {
    writer.write<float>("x", {1, 1, 1}, std::vector<float>{3});
    writer.set_attribute("x", "axes", "ndhw");
  }) == "3: p.h5: /x: attribute 'axes': expected the letters of 3 axes, found 'ndhw'");
  const auto with_affine = [&](const std::vector<double>& affine) {
    return exported.write([&](hdf5::Writer& writer) {
      writer.write<float>("x", {1, 1, 1}, std::vector<float>{3});
      writer.set_attribute("x", "axes", "zyx");
      writer.set_attribute("x", "affine", Shape{4, 4}, affine);
    });
  };
  CHECK(with_affine({0, 2, 0, 5, 3, 0, 0, 6, 0, 0, 4, 7, 0, 0, 0, 1}).empty());
  CHECK(exported.read().geometry->sform_code == 2);
  CHECK(exported.read().geometry->affine == Affine{0, 2, 0, 5, 3, 0, 0, 6, 0, 0, 4, 7, 0, 0, 0, 1});
  CHECK(with_affine({1, 1, 0, 5, 0, 0, 0, 6, 0, 0, 4, 7, 0, 0, 0, 1}) ==
        "3: p.h5: /x: attribute 'affine': expected three directions that span space, found others");
  CHECK(exported.write([](hdf5::Writer& writer) {
    writer.write<float>("x", {1, 1, 1}, std::vector<float>{3});
    writer.set_attribute("x", "units", "um");
  }) == "3: p.h5: /x: attribute 'units': expected 'mm', found 'um'");
}
