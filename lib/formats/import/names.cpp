#include "formats/import/names.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace lucid {

void DatasetNames::add(const std::string& path, const std::string& place) {
  const std::string shown = in_quotes(path);
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  const std::vector<std::string> parts = split(path, '/');
  for (const std::string& part : parts)
    if (part.empty() || part == "." || part == ".." ||
        std::any_of(part.begin(), part.end(), is_control))
      fail(place,
           "expected a name for its dataset without '.', '..', empty parts and control "
           "characters, found " +
               shown);
  bool is_taken = groups_.contains(path) || !datasets_.insert(path).second;
  std::string group;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    group += (i == 0 ? "" : "/") + parts[i];
    is_taken = is_taken || datasets_.contains(group);
    groups_.insert(group);
  }
  if (is_taken) fail(place, "the dataset " + shown + " is taken by another volume or array");
}

}  // namespace lucid
