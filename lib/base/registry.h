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

// One entry of a registry, a constant array of the things that a config chooses by name. A registry
// whose entries know more has a struct of its own with these two members.
template <class Make>
struct Named {
  const char* name;
  Make make;
};

template <class Entry, std::size_t kCount>
std::vector<std::string> names_of(const std::array<Entry, kCount>& registry) {
  std::vector<std::string> names;
  for (const Entry& entry : registry) names.emplace_back(entry.name);
  return names;
}

// Null when there is none of that name.
template <class Entry, std::size_t kCount>
const Entry* find_named(const std::array<Entry, kCount>& registry, std::string_view name) {
  for (const Entry& entry : registry)
    if (name == entry.name) return &entry;
  return nullptr;
}

// Calls the make function of the entry that the object's "type" names, then finish(). Reports an
// unknown type and returns an empty result: without a type the other keys have no meaning.
template <class Entry, std::size_t kCount, class... Arguments>
auto make_named(const std::array<Entry, kCount>& registry, std::string_view kind,
                JsonObject& object, const Arguments&... arguments) {
  using Made = decltype(registry[0].make(object, arguments...));
  const std::string type = object.string("type");
  if (const Entry* entry = find_named(registry, type)) {
    Made made = entry->make(object, arguments...);
    object.finish();
    return made;
  }
  if (object.holds_string("type")) object.error("type", no_such(kind, type, names_of(registry)));
  return Made{};
}

}  // namespace lucid
