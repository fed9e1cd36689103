#include "data/volumes/file_patterns.h"

#include <glob.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>
#include <system_error>

#include "base/error.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// Escapes the characters of the base that have a meaning in globs.
std::string escaped(const std::string& path) {
  std::string text;
  for (const char c : path) {
    if (std::string_view("*?[\\").find(c) != std::string_view::npos) text += '\\';
    text += c;
  }
  return text;
}

// Why a folder could not be listed; glob() passes nothing else to its callback.
thread_local int unreadable = 0;

int note_unreadable(const char*, int reason) {
  if (reason == ENOENT) return 0;
  unreadable = reason;
  return 1;
}

}  // namespace

std::vector<fs::path> paths_matching(const std::string& pattern, const fs::path& base) {
  const fs::path whole = fs::path(escaped(base.string())) / pattern;
  glob_t matches{};
  unreadable = 0;
  const std::unique_ptr<glob_t, void (*)(glob_t*)> owner(&matches, globfree);
  std::vector<fs::path> found;
  if (glob(whole.c_str(), 0, note_unreadable, &matches) == 0)
    found.assign(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
  if (unreadable != 0)
    throw Error(ExitCode::kData, (base / pattern).string() + ": cannot be read: " +
                                     std::generic_category().message(unreadable));
  std::ranges::sort(found);
  return found;
}

bool has_pattern(const std::string& text) { return text.find_first_of("*?[") != std::string::npos; }

}  // namespace lucid
