#include "base/error.h"

#include <vector>

#include "base/text.h"

namespace lucid {
namespace {

std::string lines_of(std::span<const std::string> messages) {
  std::vector<std::string> lines;
  for (const std::string& message : messages) lines.push_back(message_line(message));
  return join(lines, "\n");
}

}  // namespace

Error::Error(ExitCode code, const std::string& message)
    : std::runtime_error(message_line(message)), code_(code) {}

Error::Error(ExitCode code, std::span<const std::string> messages)
    : std::runtime_error(lines_of(messages)), code_(code) {}

}  // namespace lucid
