#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/golden.h"
#include "support/temp_dir.h"

namespace lucid::test {

inline std::string from_hex(const std::string& digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  return bytes;
}

// A store that zarr-python has written.
struct GoldenStore {
  std::string name, type;
  std::vector<std::int64_t> extents;
  std::vector<double> values;
  std::vector<std::pair<std::string, std::string>> files;  // path and content
  std::string path;                                        // of the array in the store

  // Writes the files to DIR/a.zarr and returns the path of the array.
  std::filesystem::path write(const TempDir& dir) const {
    std::filesystem::remove_all(dir / "a.zarr");
    for (const auto& [file, content] : files) dir.write("a.zarr/" + file, content);
    return path.empty() ? dir / "a.zarr" : dir / "a.zarr" / path;
  }
};

inline std::vector<GoldenStore> golden_stores(const std::string& file) {
  std::vector<GoldenStore> stores;
  for (const Json& json : read_golden(file)) {
    GoldenStore store{json.at("name"), json.at("type"), json.at("shape"), {}, {}, json.at("path")};
    const bool is_bool = store.type == "bool";
    std::int64_t count = 1;
    for (const std::int64_t extent : store.extents) count *= extent;
    for (std::int64_t i = 0; i < count; ++i) {
      const double value =
          (static_cast<double>((37 * i + 11) % 101) - json.at("minus").get<double>()) *
          json.at("scale").get<double>();
      store.values.push_back(is_bool ? (value != 0 ? 1 : 0) : value);
    }
    if (is_bool) store.type = "uint8";
    if (store.type == "float16") store.type = "float32";
    for (const auto& [path, digits] : json.at("files").items())
      store.files.emplace_back(path, from_hex(digits.get<std::string>()));
    stores.push_back(std::move(store));
  }
  return stores;
}

}  // namespace lucid::test
