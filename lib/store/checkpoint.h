#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "data/hdf5/file.h"
#include "graph/model.h"

namespace lucid {

// What a checkpoint carries under /state, by name ("optimizer/conv1/weight/exp_avg"), without
// knowing what it means.
struct State {
  struct Array {
    Shape shape;
    std::vector<float> values;  // plain
  };
  std::map<std::string, std::int64_t> integers;
  std::map<std::string, double> numbers;
  std::map<std::string, Array> arrays;
};

inline constexpr std::int64_t kFormatVersion = 1;

// Parameters in PyTorch's plain layout under /parameters, state under /state, config as an
// attribute of the root. Written beside the target, fsynced and renamed: a crash or a full disk
// leaves the old file whole. Throws Error(kFailed).
void save_checkpoint(const std::filesystem::path& path, Model& model, const Json& config,
                     const State& state);

// A checkpoint or a weights file (which has /parameters alone), open for reading. Throws
// Error(kData) where it is not what it should be.
class CheckpointFile {
 public:
  explicit CheckpointFile(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return file_.path(); }
  Json config() const;
  // Of the state; throw when the name is missing or an array has another shape.
  std::int64_t integer(const std::string& name) const;
  std::int64_t integer(const std::string& name, std::int64_t otherwise) const;  // when missing
  double number(const std::string& name) const;
  std::vector<float> array(const std::string& name, const Shape& shape) const;
  bool has_array(const std::string& name) const;
  // Every parameter of the model and no other; one Error names all that is missing, misfitting or
  // too much.
  void load_parameters(Model& model) const;

 private:
  hdf5::File file_;
};

}  // namespace lucid
