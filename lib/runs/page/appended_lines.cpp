#include "runs/page/appended_lines.h"

#include <span>

#include "base/file.h"

namespace lucid {

std::vector<std::string> AppendedLines::read() {
  InputFile input(file_, "the log of a run", ExitCode::kData);
  std::vector<std::string> lines;
  if (input.size() <= offset_) return lines;
  input.seek(offset_);
  std::string text(input.size() - offset_, '\0');
  text.resize(input.read(std::as_writable_bytes(std::span(text))));
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    lines.push_back(text.substr(begin, end - begin));
  offset_ += begin;
  return lines;
}

}  // namespace lucid
