#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/hdf5/h5_files.h"
#include "formats/open/open_volume.h"
#include "support/from_text.h"

namespace lucid::test {

struct ReadVolume {
  std::string type, axes;
  std::vector<std::int64_t> extents;
  std::vector<double> values;
  std::optional<Geometry> geometry;
};

// Reads in two pieces, so that state between reads is tested.
inline ReadVolume read_all(VolumeFile file) {
  ReadVolume read{element_name(file.element()),
                  file.header().axes,
                  file.header().extents,
                  {},
                  file.header().geometry};
  const std::size_t size = element_bytes(file.element()), count = file.shape().count();
  std::vector<std::byte> bytes(count * size);
  file.read(std::span(bytes).first(size));
  file.read(std::span(bytes).subspan(size));
  file.finish();
  with_element(file.element(), [&](auto element) {
    const auto* values = reinterpret_cast<const decltype(element)*>(bytes.data());
    read.values.assign(values, values + count);
  });
  return read;
}

inline ReadVolume read_volume(const std::filesystem::path& path, const RawLayout& layout = {}) {
  return read_all(open_volume(path, layout));
}

// Returns the error of opening and reading a file, without its folder; empty if there is none.
inline std::string reading_error(const std::filesystem::path& path, const RawLayout& layout = {}) {
  return from_inside(path.parent_path(), error_of([&] { read_volume(path, layout); }));
}

// Returns 0, 1, 2, ... as bytes of a type.
template <class T>
std::vector<T> counting(std::size_t count) {
  std::vector<T> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<T>(i);
  return values;
}

}  // namespace lucid::test
