#include <doctest/doctest.h>

#include "formats/import/import.h"
#include "formats/readers/read_volume.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

using Extents = std::vector<std::int64_t>;

std::string zarray(const std::string& shape, const std::string& more = "") {
  return R"({"zarr_format": 2, "shape": )" + shape + R"(, "chunks": )" + shape +
         R"(, "dtype": "|u1", "compressor": null, "filters": null, "order": "C", "fill_value": 7)" +
         more + "}";
}

const std::string kAxes =
    R"("axes": [{"name": "t", "type": "time"}, {"name": "c", "type": "channel"},
      {"name": "z", "type": "space", "unit": "micrometer"},
      {"name": "y", "type": "space", "unit": "micrometer"},
      {"name": "x", "type": "space", "unit": "nanometer"}])";

const std::string kImage = R"({"multiscales": [{"version": "0.4", )" + kAxes + R"(, "datasets": [
  {"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [1, 1, 2, 0.5, 250]}]},
  {"path": "1", "coordinateTransformations": [{"type": "scale", "scale": [1, 1, 2, 1, 500]},
    {"type": "translation", "translation": [0, 0, 4, 0.25, 125]}]}],
  "coordinateTransformations": [{"type": "scale", "scale": [3, 1, 1, 1, 1]}]}]})";

std::array<double, 3> sizes(const ReadVolume& read) { return read.geometry->voxel_size; }

struct Store {
  const TempDir dir;
  // Writes a group with the attributes, and the array 0 in it.
  Store(const std::string& attributes, const std::string& shape, const std::string& more = "") {
    dir.write("a.zarr/.zgroup", R"({"zarr_format": 2})");
    dir.write("a.zarr/.zattrs", attributes);
    dir.write("a.zarr/0/.zarray", zarray(shape, more));
  }
  std::string error(const std::string& path = "a.zarr") const { return reading_error(dir / path); }
};

}  // namespace

TEST_CASE("an image of OME-Zarr has axes, voxel sizes and levels") {
  const Store store(kImage, "[1, 2, 2, 3, 4]", R"(, "dimension_separator": "/")");
  store.dir.write("a.zarr/1/.zarray", zarray("[1, 2, 2, 1, 2]"));
  const ReadVolume first = read_volume(store.dir / "a.zarr");
  CHECK(first.axes == "cdhw");
  CHECK(first.extents == Extents{2, 2, 3, 4});
  CHECK(first.values == std::vector<double>(48, 7));  // no chunk is there
  CHECK(sizes(first) == std::array<double, 3>{2e-3, 0.5 * 1e-3, 250 * 1e-6});
  const ReadVolume second = read_volume(store.dir / "a.zarr/1");
  CHECK(second.extents == Extents{2, 2, 1, 2});
  CHECK(sizes(second) == std::array<double, 3>{2e-3, 1e-3, 500 * 1e-6});
  CHECK(second.geometry->affine[3] == 125 * 1e-6);
  CHECK(second.geometry->affine[7] == 0.25 * 1e-3);
  CHECK(second.geometry->affine[11] == 4e-3);
}

TEST_CASE("a Zarr volume is a case by the name of its store") {
  CHECK(volume_extension("x/a.zarr") == ".zarr");
  CHECK(volume_extension("x/a.ome.zarr/labels/cells/0") == ".ome.zarr");
  CHECK(case_name("x/a.ome.zarr/labels/cells/0") == "a");
  CHECK(case_name("x/a.zarr/") == "a");
}

TEST_CASE("without chunks a Zarr volume has the fill value and a warning") {
  const TempDir dir;
  dir.write("a.zarr/.zarray", zarray("[2, 3, 4]"));
  CHECK(open_volume(dir / "a.zarr", {}).header().warnings ==
        std::vector<std::string>{"no chunk is there; all voxels have the fill value"});
  CHECK(read_volume(dir / "a.zarr").values == std::vector<double>(24, 7));
  dir.write("a.zarr/0.0.0", std::string(24, '\1'));
  CHECK(open_volume(dir / "a.zarr", {}).header().warnings.empty());
  CHECK(read_volume(dir / "a.zarr").values == std::vector<double>(24, 1));
}

TEST_CASE("a Zarr store that cannot be read says why") {
  struct Row {
    std::string from, to, error;
  };
  const std::string known = "known: zlib, gzip, zstd, blosc";
  const Row rows[] = {
      {"\"compressor\": null", R"("compressor": {"id": "lzma"})",
       "0/.zarray: /compressor/id: no compressor 'lzma'; " + known},
      {"\"filters\": null", R"("filters": [{"id": "delta"}])",
       "0/.zarray: /filters: expected none, found 'delta'; store the array without filters"},
      {"|u1", "<c8", "0/.zarray: /dtype: expected integers, floats or bool, as '<u2', found '<c8'"},
      {"\"fill_value\": 7", "\"fill_value\": 300",
       "0/.zarray: /fill_value: expected a value of uint8, found 300"},
      {"\"order\": \"C\"", "\"order\": \"A\"",
       "0/.zarray: /order: expected one of C, F, found 'A'; did you mean 'C'?"}};
  for (const Row& row : rows) {
    const Store store("{}", "[2, 3, 4]");
    std::string text = zarray("[2, 3, 4]");
    text.replace(text.find(row.from), row.from.size(), row.to);
    store.dir.write("a.zarr/0/.zarray", text);
    const std::string error = store.error("a.zarr/0");
    INFO(error);
    CHECK(error.ends_with(row.error));
  }
}

TEST_CASE("a Zarr image names arrays in its own folder, and groups name theirs") {
  const std::string outside =
      R"({"multiscales": [{"axes": ["z", "y", "x"], "datasets": [{"path": "../b"}]}]})";
  CHECK(Store(outside, "[2, 3, 4]")
            .error()
            .ends_with("/multiscales/0/datasets/0/path: expected a folder within this one, found "
                       "'../b'"));
  const Store group("{}", "[2, 3, 4]");
  const std::string found = group.error();
  CHECK(found.find("expected an array or an image, found a group; it holds ") != std::string::npos);
  CHECK(found.ends_with("a.zarr/0"));
  CHECK(group.error("a.zarr/1").find("no such file; it holds ") != std::string::npos);
}

TEST_CASE("Zarr stores are imported by name, by a pattern and from a folder") {
  const TempDir dir;
  for (const char* name : {"in/a.zarr", "in/b.zarr"}) {
    dir.write(std::string(name) + "/.zgroup", R"({"zarr_format": 2})");
    dir.write(std::string(name) + "/raw/.zarray", zarray("[2, 3, 4]"));
    dir.write(std::string(name) + "/raw/0.0.0", std::string(24, '\5'));
    dir.write(std::string(name) + "/.zattrs",
              R"({"multiscales": [{"axes": ["z", "y", "x"], "datasets": [{"path": "raw"}]}]})");
  }
  struct Row {
    std::vector<std::string> inputs;
    std::size_t volumes;
  };
  const Row rows[] = {{{"in/a.zarr"}, 1},
                      {{"in/a.zarr/raw"}, 1},
                      {{"in/a.zarr", "in/b.zarr"}, 2},
                      {{"in/*.zarr"}, 2},
                      {{"in"}, 2}};
  for (const Row& row : rows) {
    INFO(row.inputs.front());
    ImportOptions options;
    for (const std::string& input : row.inputs) options.inputs.push_back((dir / input).string());
    hdf5::Writer writer(dir / "o.h5");
    const auto report = [](const std::string&, double) {};
    CHECK(import_volumes(options, writer, report).volumes == row.volumes);
    writer.close();
    CHECK(hdf5::File(dir / "o.h5").open("a/raw").read<std::int64_t>() ==
          std::vector<std::int64_t>(24, 5));
  }
}
