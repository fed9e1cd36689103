#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/unfinished_file.h"

namespace lucid {

// What a command reads and writes. Every program passes its files through one of these before it
// begins to work, so that no output replaces an input or another output.
class CommandFiles {
 public:
  // `what` completes "found the ...": "checkpoint", "input". Throws Error if the output is a device
  // or a folder, or a link that leads nowhere.
  void writes(const OutputFile& output, const std::string& what);
  // A folder that is written and replaced as a whole.
  void writes_folder(const OutputFile& output, const std::string& what);
  // An output that other processes may be writing at the moment: neither it nor its leftovers are
  // looked at.
  void shares(const std::filesystem::path& output, const std::string& what);
  void reads(const std::filesystem::path& file, const std::string& what);

  // True if an output exists and may be replaced, so that it matters what the inputs refer to.
  bool replaces_any() const;

  // Throws Error(kUsage) if an output is also an input or another output; links and hard links
  // count. `kind` completes "expected another ...".
  void check_apart(const std::string& kind) const;

  // Also removes leftovers of the outputs. Throws Error(kUsage) if one of them exists and may
  // not be replaced, Error(kFailed) if it cannot be written.
  void check(const std::string& kind = "file for the output") const;

 private:
  struct Output {
    OutputFile file;
    std::filesystem::path target;
    std::string what;
    bool is_shared = false;
  };
  struct Input {
    std::filesystem::path path;
    std::string what;
  };

  std::vector<Output> outputs_;
  std::vector<Input> inputs_;
};

}  // namespace lucid
