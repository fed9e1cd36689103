#include "store/checkpoint.h"

#include <nlohmann/json.hpp>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "data/hdf5/write.h"

namespace lucid {
namespace {

const std::string kParameters = "parameters";
const std::string kState = "state";

Error bad_file(const std::filesystem::path& path, const std::string& message) {
  return {ExitCode::kData, path.string() + ": " + message};
}

// Returns the shape of a dataset, which is checked before anything of that size is allocated.
Shape shape_in_file(const hdf5::Array& array) {
  const std::vector<std::int64_t>& extents = array.info().extents;
  return extents.empty() ? Shape() : array.shape();
}

}  // namespace

void save_checkpoint(const std::filesystem::path& path, Model& model, const Json& config,
                     const State& state) {
  hdf5::Writer writer = hdf5::Writer::in_memory(path);
  writer.set_attribute("/", "format_version", kFormatVersion);
  writer.set_attribute("/", "config", json_text(config));
  writer.create_group(kParameters);
  for (const Parameter& parameter : model.parameters())
    writer.write<float>(kParameters + "/" + parameter.name, parameter.shape,
                        parameter.value.plain_values(model.engine()));
  writer.create_group(kState);
  for (const auto& [name, value] : state.integers) writer.set_attribute(kState, name, value);
  for (const auto& [name, value] : state.numbers) writer.set_attribute(kState, name, value);
  for (const auto& [name, array] : state.arrays)
    writer.write<float>(kState + "/" + name, array.shape, array.values);
  write_file_atomically(path, writer.image());
}

CheckpointFile::CheckpointFile(const std::filesystem::path& path) : file_(path) {
  const auto version = file_.attribute<std::int64_t>("/", "format_version");
  if (version && *version > kFormatVersion)
    throw bad_file(path, "expected format_version up to " + std::to_string(kFormatVersion) +
                             ", found " + std::to_string(*version) +
                             "; it was written by a newer lucid");
  const auto groups = file_.children("/");
  if (std::ranges::find(groups, kParameters) == groups.end())
    throw bad_file(path,
                   "expected a checkpoint or weights file with the group /parameters, found none");
}

Json CheckpointFile::config() const {
  const auto text = file_.attribute<std::string>("/", "config");
  if (!text)
    throw bad_file(
        path(),
        "expected a checkpoint with the attribute 'config', found none; a weights file is "
        "not enough here");
  try {
    Json json = parse_json(*text, path().string() + ": config");
    if (json.is_object()) return json;
    throw bad_file(path(), "config: /: expected an object, found " + found_text(json));
  } catch (const Error& error) {
    throw Error(ExitCode::kData, error);
  }
}

std::int64_t CheckpointFile::integer(const std::string& name) const {
  const auto value = file_.attribute<std::int64_t>(kState, name);
  if (!value)
    throw bad_file(path(),
                   "/" + kState + ": expected the attribute " + in_quotes(name) + ", found none");
  return *value;
}

std::int64_t CheckpointFile::integer(const std::string& name, std::int64_t otherwise) const {
  return file_.attribute<std::int64_t>(kState, name).value_or(otherwise);
}

double CheckpointFile::number(const std::string& name) const {
  const auto value = file_.attribute<double>(kState, name);
  if (!value)
    throw bad_file(path(),
                   "/" + kState + ": expected the attribute " + in_quotes(name) + ", found none");
  return *value;
}

std::vector<float> CheckpointFile::array(const std::string& name, const Shape& shape) const {
  const hdf5::Array array = file_.open(kState + "/" + name);
  if (shape_in_file(array) != shape)
    throw Error(ExitCode::kData, array.place() + ": expected the shape " + shape.str() +
                                     ", found " + shape_in_file(array).str());
  return array.read<float>();
}

bool CheckpointFile::has_array(const std::string& name) const {
  return file_.has_dataset(kState + "/" + name);
}

void CheckpointFile::load_parameters(Model& model) const {
  ConfigErrors errors(path().string());
  std::set<std::string> wanted;
  for (const Parameter& parameter : model.parameters()) {
    const std::string name = kParameters + "/" + parameter.name;
    wanted.insert(name);
    if (!file_.has_dataset(name)) {
      errors.add("/" + name,
                 "expected a parameter of shape " + parameter.shape.str() + ", found none");
      continue;
    }
    const Shape found = shape_in_file(file_.open(name));
    if (found != parameter.shape)
      errors.add("/" + name, "expected a parameter of shape " + parameter.shape.str() + ", found " +
                                 found.str());
  }
  for (const std::string& name : file_.datasets())
    if (name.starts_with(kParameters + "/") && !wanted.contains(name))
      errors.add("/" + name, "the model has no such parameter");
  errors.throw_if_any(ExitCode::kData);
  for (Parameter& parameter : model.parameters())
    parameter.value.assign(model.engine(),
                           file_.open(kParameters + "/" + parameter.name).read<float>());
  model.parameters().touch();
}

}  // namespace lucid
