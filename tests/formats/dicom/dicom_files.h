#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/json.h"
#include "formats/base64.h"
#include "paths.h"
#include "support/temp_dir.h"

namespace lucid::test {

// The series of tests/golden/make_dicom.py.
inline const Json& dicom_series() {
  static const Json series =
      read_json_file(std::string(LUCID_SOURCE_DIR) + "/tests/golden/dicom.json");
  return series;
}

inline const Json& dicom_series(std::string_view name) {
  for (const Json& each : dicom_series())
    if (each.at("name") == name) return each;
  throw std::runtime_error("no series " + std::string(name));
}

inline std::string dicom_content(const Json& series, std::size_t slice) {
  return from_base64(series.at("files").at(slice).at("file").get<std::string>());
}

// Writes the files of a series to a folder and returns its path.
inline std::filesystem::path write_dicom(const TempDir& dir, const std::string& folder,
                                         const Json& series) {
  for (std::size_t i = 0; i < series.at("files").size(); ++i)
    dir.write(folder + "/" + series.at("files").at(i).at("name").get<std::string>(),
              dicom_content(series, i));
  return dir / folder;
}

// Puts another text of the same length into a file, wherever the old one is.
inline std::string with_text(std::string content, const std::string& from, const std::string& to) {
  REQUIRE(from.size() == to.size());
  std::size_t count = 0;
  for (auto at = content.find(from); at != std::string::npos; at = content.find(from, at + 1)) {
    content.replace(at, to.size(), to);
    ++count;
  }
  REQUIRE(count > 0);
  return content;
}

}  // namespace lucid::test
