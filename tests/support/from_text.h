#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/json.h"

namespace lucid::test {

// Returns what `make` reads from JSON at /pointer of a.json; throws the errors of a program.
template <class Make>
auto from_json(const Json& value, const std::string& pointer, const Make& make) {
  ConfigErrors errors("a.json");
  JsonObject object(value, pointer, errors);
  auto made = make(object);
  errors.throw_if_any();
  return made;
}

template <class Make>
auto from_text(const std::string& text, const std::string& pointer, const Make& make) {
  return from_json(parse_json(text, "a.json"), pointer, make);
}

// "2: message": exit code and text of the Error that `body` throws; empty when it throws none.
template <class Body>
std::string error_of(const Body& body) {
  try {
    body();
  } catch (const Error& error) {
    return std::to_string(static_cast<int>(error.code())) + ": " + error.what();
  }
  return "";
}

}  // namespace lucid::test
