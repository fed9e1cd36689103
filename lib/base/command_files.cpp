#include "base/command_files.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/file.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// Files that do not exist yet are the same if they have one name in one folder.
bool are_same(const fs::path& a, const fs::path& b) {
  std::error_code ignored;  // a missing file is equivalent to no other
  if (fs::equivalent(a, b, ignored)) return true;
  return a.filename() == b.filename() && fs::equivalent(folder_of(a), folder_of(b), ignored);
}

// Finds out early that there is no such folder, or that it is read-only.
void check_folder(const fs::path& target, const fs::path& named) {
  if (access(folder_of(target).c_str(), W_OK | X_OK) == 0) return;
  throw Error(ExitCode::kFailed,
              named.string() + ": cannot be written: " + std::generic_category().message(errno));
}

}  // namespace

void CommandFiles::writes(const OutputFile& output, const std::string& what) {
  outputs_.push_back({output, written_file(output.path), what});
}

void CommandFiles::writes_folder(const OutputFile& output, const std::string& what) {
  outputs_.push_back({output, output.path, what});
}

void CommandFiles::shares(const fs::path& output, const std::string& what) {
  const bool is_folder = kind_of(output) == FileKind::kFolder;
  outputs_.push_back({{output, true}, is_folder ? output : written_file(output), what, true});
}

void CommandFiles::reads(const fs::path& file, const std::string& what) {
  inputs_.push_back({file, what});
}

bool CommandFiles::replaces_any() const {
  for (const Output& output : outputs_)
    if (output.file.may_overwrite && kind_of(output.target) != FileKind::kMissing) return true;
  return false;
}

void CommandFiles::check_apart(const std::string& kind) const {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const Output& output = outputs_[i];
    const auto refuse = [&](const std::string& found) {
      throw Error(ExitCode::kUsage, output.file.path.string() + ": expected another " + kind +
                                        ", found the " + found);
    };
    for (const Input& input : inputs_)
      if (are_same(output.target, input.path)) refuse(input.what);
    for (std::size_t other = 0; other < i; ++other)
      if (are_same(output.target, outputs_[other].target)) refuse(outputs_[other].what);
  }
}

void CommandFiles::check(const std::string& kind) const {
  check_apart(kind);
  for (const Output& output : outputs_) {
    if (!output.file.may_overwrite && kind_of(output.target) != FileKind::kMissing)
      throw Error(ExitCode::kUsage,
                  output.file.path.string() + ": exists; --overwrite replaces it");
    check_folder(output.target, output.file.path);
    if (!output.is_shared) remove_leftovers(output.target);
  }
}

}  // namespace lucid
