#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"

namespace lucid {

void ConfigErrors::add(const std::string& pointer, const std::string& message) {
  std::string line = file_ + ": " + (pointer.empty() ? "/" : pointer) + ": " + message;
  // The same part of a file may be read more than once, for example the layers of a block.
  if (std::ranges::find(lines_, line) == lines_.end()) lines_.push_back(std::move(line));
}

void ConfigErrors::take_back(const std::string& line) { std::erase(lines_, line); }

void ConfigErrors::throw_if_any(ExitCode code) const {
  if (!lines_.empty()) throw Error(code, join(lines_, "\n"));
}

std::string found_text(const Json& value) {
  constexpr std::size_t kLongest = 60;
  std::string text = value.is_string() ? in_quotes(value.get<std::string>())
                                       : value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > kLongest) text = text.substr(0, kLongest - 3) + "...";
  return text;
}

}  // namespace lucid
