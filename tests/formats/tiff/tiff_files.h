#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/json.h"
#include "formats/base64.h"
#include "paths.h"

namespace lucid::test {

// The files of tests/golden/make_tiff.py.
inline const Json& tiff_files() {
  static const Json files =
      read_json_file(std::string(LUCID_SOURCE_DIR) + "/tests/golden/tiff.json");
  return files;
}

inline std::string content_of(const Json& file) {
  return from_base64(file.at("file").get<std::string>());
}

// Returns the content of the file of that name.
inline std::string tiff_file(const std::string& name) {
  for (const Json& each : tiff_files())
    if (each.at("name") == name) return content_of(each);
  throw std::runtime_error("no file " + name);
}

}  // namespace lucid::test
