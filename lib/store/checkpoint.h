#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "data/hdf5/file.h"
#include "graph/model.h"

namespace lucid {

// The values of a checkpoint under /state, by name ("optimizer/conv1/weight/exp_avg"). Their
// meaning is up to the caller.
struct State {
  struct Array {
    Shape shape;
    std::vector<float> values;  // plain
  };
  std::map<std::string, std::int64_t> integers;
  std::map<std::string, double> numbers;
  std::map<std::string, std::string> texts;
  std::map<std::string, Array> arrays;
};

// Version 1 had no checksums.
inline constexpr std::int64_t kFormatVersion = 2;

// Writes parameters in PyTorch's plain layout under /parameters, state under /state and the config
// as an attribute, all with checksums. Replaces the file atomically: a crash or a full disk leaves
// the old one intact. Throws Error(kFailed).
void save_checkpoint(const std::filesystem::path& path, Model& model, const Json& config,
                     const State& state);

// Compares the file with its checksums; nothing is compared if it has none. Returns nothing if they
// agree, else "PLACE: what was expected, what was found".
std::optional<std::string> damage_of(const hdf5::File& file);

// A checkpoint, or a weights file that has /parameters only, open for reading. Throws Error(kData)
// if the file is not as expected.
class CheckpointFile {
 public:
  // Compares the whole file with its checksums.
  explicit CheckpointFile(const std::filesystem::path& path);
  // For a file that was just compared.
  static CheckpointFile open_again(const std::filesystem::path& path) {
    return CheckpointFile(hdf5::File(path));
  }

  const std::filesystem::path& path() const { return file_.path(); }
  Json config() const;
  // These read /state, and throw when the name is missing or an array has another shape.
  std::int64_t integer(const std::string& name) const;
  std::int64_t integer(const std::string& name, std::int64_t otherwise) const;  // when missing
  double number(const std::string& name) const;
  std::vector<float> array(const std::string& name, const Shape& shape) const;
  bool has_array(const std::string& name) const;
  std::optional<std::string> text(const std::string& name) const;  // empty when missing
  // The file must hold exactly the parameters of the model. One Error lists all that are missing,
  // of another shape or unknown.
  void load_parameters(Model& model) const;

 private:
  explicit CheckpointFile(hdf5::File file);

  hdf5::File file_;
};

}  // namespace lucid
