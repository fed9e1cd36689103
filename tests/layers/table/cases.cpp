#include "layers/table/cases.h"

#include <algorithm>
#include <filesystem>

#include "paths.h"
#include "support/golden.h"

namespace lucid::test {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> table_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(LUCID_SOURCE_DIR "/tests/layers/table/cases"))
    files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

std::vector<Case> read_cases() {
  std::vector<Case> rows;
  for (const fs::path& file : table_files()) {
    const Json golden = read_golden("layers/" + file.filename().string());
    for (const Json& row : read_json_file(file)) {
      const auto name = row.at("name").get<std::string>();
      const Json& numbers = golden.at(name);  // throws for a row that make_layers.py has not seen
      rows.push_back({name, Shape(row.at("input").get<std::vector<Shape::Extent>>()),
                      row.at("batch").get<Shape::Extent>(),
                      row.at("layers").get<std::vector<Json>>(),
                      numbers.at("seed").get<std::uint64_t>(), numbers});
    }
  }
  return rows;
}

}  // namespace

std::span<const Case> cases() {
  static const std::vector<Case> rows = read_cases();
  return rows;
}

Json model_of(const Case& row) {
  const Shape& in = row.input;
  Json model;
  model["input"] = {{"channels", in[0]}, {"size", {in[1], in[2], in[3]}}};
  model["layers"] = row.layers;
  return model;
}

std::vector<float> drawn(std::uint64_t seed, std::uint64_t stream, std::size_t count,
                         std::size_t fan) {
  std::size_t divisor = 1;
  while (divisor * divisor < fan) divisor *= 2;
  std::vector<float> values(count);
  std::uint64_t index = (seed << 40) + (stream << 32);
  for (float& value : values) {
    std::uint64_t z = ++index * 0x9e3779b97f4a7c15U;  // SplitMix64's mixing
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    z ^= z >> 31;
    value = (static_cast<float>(z >> 42) - 0x1p21F) * 0x1p-21F / static_cast<float>(divisor);
  }
  return values;
}

std::vector<float> thinned(std::span<const float> values) {
  constexpr std::size_t kStored = 160;
  const std::size_t step = values.size() <= kStored ? 1 : (values.size() / kStored) | 1;
  std::vector<float> kept;
  for (std::size_t i = 0; i < values.size(); i += step) kept.push_back(values[i]);
  return kept;
}

}  // namespace lucid::test
