#include "formats/import/description.h"

#include <map>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json.h"

namespace lucid {
namespace {

// Decathlon writes {"0": "background"}, nnU-Net {"background": 0}; returns a list by number.
std::vector<std::string> names_at(const Json& json, const char* key) {
  const auto names = json.is_object() ? json.find(key) : json.end();
  if (names == json.end() || !names->is_object()) return {};
  std::map<int, std::string> named;
  for (const auto& [word, value] : names->items()) {
    const bool is_by_number = value.is_string();
    const std::string number = is_by_number ? word : value.dump();
    const bool is_number = !number.empty() && number.size() < 4 &&
                           number.find_first_not_of("0123456789") == std::string::npos;
    if (is_number) named[std::stoi(number)] = is_by_number ? value.get<std::string>() : word;
  }
  std::vector<std::string> list(
      named.empty() ? 0 : static_cast<std::size_t>(named.rbegin()->first) + 1);
  for (const auto& [number, name] : named) list[static_cast<std::size_t>(number)] = name;
  return list;
}

}  // namespace

SetDescription read_description(const std::filesystem::path& file) {
  if (kind_of(file) == FileKind::kMissing) return {};
  const Json json = read_json_file(file);
  SetDescription described{names_at(json, "labels"), names_at(json, "channel_names")};
  if (described.channel_names.empty()) described.channel_names = names_at(json, "modality");
  return described;
}

}  // namespace lucid
