#pragma once

#include <cstring>

#include "cli/scan_experiment.h"
#include "formats/writers/metaimage_write.h"
#include "formats/writers/tiff_write.h"

// Writes the voxels of a phantom to a file, or a folder, whose name begins with `path`.
namespace lucid::test {

inline std::string shape_text(const Triple& size, const std::string& open,
                              const std::string& close) {
  return open + std::to_string(size[0]) + ", " + std::to_string(size[1]) + ", " +
         std::to_string(size[2]) + close;
}

inline Geometry geometry_of(const Phantom& phantom) {
  return plain_geometry({phantom.spacing[0], phantom.spacing[1], phantom.spacing[2]});
}

inline FillElements fill_from(const std::string& voxels) {
  return [&voxels](std::int64_t begin, std::span<std::byte> out) {
    std::memcpy(out.data(), voxels.data() + begin, out.size());
  };
}

inline void write_mha(const TempDir& dir, const std::string& path, const Phantom& phantom,
                      const std::string& voxels) {
  const std::filesystem::path file = dir.write(path + ".mha", "");
  write_metaimage_data(file, file, ElementType::kUint8,
                       {phantom.size[0], phantom.size[1], phantom.size[2]}, geometry_of(phantom),
                       fill_from(voxels));
}

inline void write_tif(const TempDir& dir, const std::string& path, const Phantom& phantom,
                      const std::string& voxels) {
  const std::filesystem::path file = dir.write(path + ".tif", "");
  write_tiff_data(file, file, ElementType::kUint8,
                  {phantom.size[0], phantom.size[1], phantom.size[2]}, geometry_of(phantom),
                  fill_from(voxels));
}

// A file for each plane.
inline void write_slices(const TempDir& dir, const std::string& path, const Phantom& phantom,
                         const std::string& voxels) {
  const std::int64_t h = phantom.size[1], w = phantom.size[2];
  for (std::int64_t d = 0; d < phantom.size[0]; ++d) {
    const std::filesystem::path file = dir.write(path + "/plane" + std::to_string(d) + ".tif", "");
    const std::string plane =
        voxels.substr(static_cast<std::size_t>(d * h * w), static_cast<std::size_t>(h * w));
    write_tiff_data(file, file, ElementType::kUint8, {1, h, w}, geometry_of(phantom),
                    fill_from(plane));
  }
}

inline void write_array(const TempDir& dir, const std::string& path, const Phantom& phantom,
                        const std::string& voxels) {
  const std::string shape = shape_text(phantom.size, "[", "]");
  dir.write(path + "/.zarray", R"({"zarr_format": 2, "shape": )" + shape + R"(, "chunks": )" +
                                   shape +
                                   R"(, "dtype": "|u1", "compressor": null, "filters": null,
                                      "order": "C", "fill_value": 0})");
  dir.write(path + "/0.0.0", voxels);
}

inline void write_zarr(const TempDir& dir, const std::string& path, const Phantom& phantom,
                       const std::string& voxels) {
  write_array(dir, path + ".zarr", phantom, voxels);
}

inline void write_nrrd(const TempDir& dir, const std::string& path, const Phantom& phantom,
                       const std::string& voxels) {
  std::string sizes, spacings;
  for (const std::size_t axis : std::array<std::size_t, 3>{2, 1, 0}) {
    sizes += " " + std::to_string(phantom.size[axis]);
    spacings += " " + std::to_string(phantom.spacing[axis]);
  }
  dir.write(path + ".nrrd", "NRRD0004\ntype: uint8\ndimension: 3\nsizes:" + sizes +
                                "\nspacings:" + spacings + "\nencoding: raw\n\n" + voxels);
}

inline std::string npy_of(const Phantom& phantom, const std::string& voxels) {
  return npy("|u1", shape_text(phantom.size, "(", ")"), voxels);
}

}  // namespace lucid::test
