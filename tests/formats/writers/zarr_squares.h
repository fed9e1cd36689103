#pragma once

#include <nlohmann/json.hpp>

#include "formats/readers/read_volume.h"
#include "formats/writers/zarr_write.h"
#include "support/temp_dir.h"

namespace lucid::test {

template <class T>
T square(std::int64_t i) {
  return static_cast<T>(i * i % 241 + i % 10);
}

template <class T>
FillElements squares() {
  return [](std::int64_t begin, std::span<std::byte> out) {
    auto* to = reinterpret_cast<T*>(out.data());
    for (std::size_t i = 0; i < out.size() / sizeof(T); ++i)
      to[i] = square<T>(static_cast<std::int64_t>(i) + begin);
  };
}

template <class T>
std::vector<double> square_values(std::int64_t count) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < count; ++i) values.push_back(static_cast<double>(square<T>(i)));
  return values;
}

inline Geometry oblique_volume() {
  Geometry geometry;
  geometry.affine = {0, 0.6, -2, 10.5, 0.5, 0, 0, -3, 0, 0.8, 1.5, 7, 0, 0, 0, 1};
  geometry.voxel_size = voxel_size_of(geometry.affine);
  geometry.sform_code = 1;
  geometry.qform_code = 2;
  geometry.qform = plain_geometry({2.5, 1, 0.5}).affine;
  return geometry;
}

inline Json json_in(const fs::path& file) { return parse_json(read_text(file), file.string()); }

}  // namespace lucid::test
