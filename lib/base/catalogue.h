#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace lucid {

// "no loss 'Foo'; did you mean 'Bar'? known: Bar, Baz".
std::string no_such(std::string_view kind, std::string_view name,
                    std::span<const std::string> known);

// A line of a list of things that a config chooses by name.
template <class Make>
struct Named {
  const char* name;
  Make make;
};

template <class Make, std::size_t kCount>
std::vector<std::string> names_of(const std::array<Named<Make>, kCount>& list) {
  std::vector<std::string> names;
  for (const Named<Make>& entry : list) names.emplace_back(entry.name);
  return names;
}

// Calls the make function of the entry that the object's "type" names, then finish(). An unknown
// type is reported, and an empty result returned: without it nothing else in the object means
// anything.
template <class Make, std::size_t kCount, class... Arguments>
auto make_named(const std::array<Named<Make>, kCount>& list, std::string_view kind,
                JsonObject& object, const Arguments&... arguments) {
  using Made = decltype(list[0].make(object, arguments...));
  const std::size_t before = object.errors().count();
  const std::string type = object.string("type");
  for (const Named<Make>& entry : list) {
    if (type != entry.name) continue;
    Made made = entry.make(object, arguments...);
    object.finish();
    return made;
  }
  const bool was_named = object.find("type") != nullptr && object.errors().count() == before;
  if (was_named) object.error("type", no_such(kind, type, names_of(list)));
  return Made{};
}

}  // namespace lucid
