#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "formats/base64.h"
#include "formats/import/import.h"
#include "formats/readers/read_volume.h"
#include "infer/infer.h"
#include "support/experiment.h"
#include "support/golden.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;
using test::ReadVolume;

// What a file, or the only dataset of an HDF5 file, holds of a volume.
ReadVolume read_any(const fs::path& path) {
  if (path.extension() != ".h5") return test::read_volume(path);
  const hdf5::File file(path);
  const std::string dataset = file.datasets().front();
  const auto floats = file.open(dataset).read<float>();
  return {"", "", {}, {floats.begin(), floats.end()}, read_geometry(file, dataset)};
}

// Volumes that other programs wrote, predicted by a network that changes nothing.
struct UnchangedVolumes {
  UnchangedVolumes() {
    experiment.json["model"] = {{"input", {{"channels", 1}, {"size", 6}}},
                                {"layers", {{{"type", "Identity"}}}}};
    experiment.json["data"] = {
        {"train", {{"files", "train.h5"}, {"input", "volumes"}, {"target", "volumes"}}}};
    experiment.json["loss"] = {{"type", "MSELoss"}};
    experiment.json.erase("metrics");
    experiment.json["train"] = {{"epochs", 0}};
    experiment.train("run");
    options.checkpoints = {experiment.last("run")};
    options.tiles.emplace();
    options.tiles->patch = Triple{6, 6, 6};
    options.tiles->overlap = 0.0;
    options.tiles->blend = Blend::kConstant;
    options.threads = 1;
    options.may_overwrite = true;
    for (int i = 0; i < 60; ++i) voxels.push_back(i);
  }

  // Writes a file of the fixture, which are deflated.
  fs::path write(const std::string& name, const Json& text) const {
    const fs::path packed =
        experiment.folder.write("packed", test::from_base64(text.get<std::string>()));
    if (name.ends_with(".nii.gz")) return experiment.folder.write(name, test::read_text(packed));
    const auto stream = open_perhaps_gzip(packed);
    std::string content(1 << 16, '\0');
    content.resize(stream->read(std::as_writable_bytes(std::span(content))));
    return experiment.folder.write(name, content);
  }

  // Predicts a file into each format; all have to hold the voxels at the place.
  void check_outputs(const fs::path& input, const std::vector<double>& affine) {
    options.inputs = {input.string()};
    for (const char* suffix : {".nii", ".nii.gz", ".nrrd", ".mha", ".tif", ".zarr", ".h5"}) {
      CAPTURE(suffix);
      options.output = experiment / (std::string("out") + suffix);
      infer(options, [](std::int64_t, std::int64_t) { return true; });
      const ReadVolume found = read_any(options.output);
      CHECK(found.values == voxels);
      REQUIRE(found.geometry);
      Geometry expected;
      std::ranges::copy(affine, expected.affine.begin());
      if (suffix == std::string(".tif")) expected = plain_geometry(voxel_size_of(expected.affine));
      double largest = 0;
      for (std::size_t i = 0; i < 16; ++i)
        largest = std::max(largest, std::abs(found.geometry->affine[i] - expected.affine[i]));
      CHECK(largest < 1e-6);
      CHECK(found.geometry->is_oriented() == (suffix != std::string(".tif")));
      ++outputs;
    }
  }

  test::Experiment experiment;
  InferOptions options;
  std::vector<double> voxels;
  int outputs = 0;
};

}  // namespace

TEST_CASE("a volume of other programs keeps voxels and place in every output, however it lies") {
  UnchangedVolumes f;
  for (const Json& volume : test::read_golden("orientations.json")) {
    const std::vector<double> affine = test::doubles(volume.at("affine"));
    CAPTURE(f.outputs);
    for (const auto& file : volume.at("files").items()) {
      const std::string suffix = file.key() == "nii" ? "nii.gz" : file.key();
      CAPTURE(suffix);
      f.check_outputs(f.write("in." + suffix, file.value()), affine);
    }
  }
  CHECK(f.outputs == (24 + 8 + 5) * 7);
}

TEST_CASE("a volume that was imported keeps voxels and place in every output, however it lies") {
  UnchangedVolumes f;
  f.options.dataset = "*/raw";
  for (const Json& volume : test::read_golden("orientations.json")) {
    CAPTURE(f.outputs);
    ImportOptions import;
    import.inputs = {f.write("in.nii.gz", volume.at("files").at("nii")).string()};
    hdf5::Writer writer(f.experiment / "imported.h5");
    import_volumes(import, writer, [](const std::string&, double) {});
    writer.close();
    f.check_outputs(f.experiment / "imported.h5", test::doubles(volume.at("affine")));
  }
  CHECK(f.outputs == 24 * 7);
}

}  // namespace lucid
