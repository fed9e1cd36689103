#include "store/checkpoint.h"

#include <nlohmann/json.hpp>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "store/checkpoint_writer.h"
#include "store/seal.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kDigestVersion = 2;  // the first that has one

Error bad_file(const fs::path& path, const std::string& message) {
  return {ExitCode::kData, path.string() + ": " + message};
}

// Returns the shape of a dataset, which is checked before anything of that size is allocated.
Shape shape_in_file(const hdf5::Array& array) {
  const std::vector<std::int64_t>& extents = array.info().extents;
  return extents.empty() ? Shape() : array.shape();
}

// Returns why the first array that HDF5 finds damaged cannot be read.
std::optional<std::string> unreadable_array(const hdf5::File& file) {
  try {
    for (const std::string& name : file.datasets())
      static_cast<void>(file.open(name).read<float>());
    return std::nullopt;
  } catch (const Error& error) {
    return std::string(error.what()).substr(file.path().string().size() + 2);
  }
}

// HDF5 crashes on damage to texts, for which it has no checksums: nothing but arrays is read of a
// file whose seal is broken.
std::optional<std::string> unsealed(const hdf5::File& file) {
  const auto damage = broken_seal(file.path());
  return damage ? unreadable_array(file).value_or(*damage) : damage;
}

std::optional<std::string> difference_from_digest(const hdf5::File& file) {
  if (const auto digest = file.attribute<std::string>("/", kDigest))
    return difference(file, *digest);
  if (file.attribute<std::int64_t>("/", kVersion).value_or(1) < kDigestVersion) return std::nullopt;
  return "expected the attribute 'digest' with checksums, found none";
}

// A weights file of another program has no version; whatever else a checkpoint holds, it lacks.
void check_version(const hdf5::File& file) {
  const std::string known = "1 to " + std::to_string(kFormatVersion);
  const auto version = file.attribute<std::int64_t>("/", kVersion);
  if (!version && (file.attribute<std::string>("/", kConfig) || file.has_group(kState)))
    throw bad_file(file.path(), "expected a checkpoint with the attribute 'format_version', " +
                                    known + ", found none; a weights file has /parameters alone");
  if (!version || (*version >= 1 && *version <= kFormatVersion)) return;
  throw bad_file(file.path(),
                 "expected format_version " + known + ", found " + std::to_string(*version) +
                     (*version > kFormatVersion ? "; it was written by a newer lucid"
                                                : "; it was not written by lucid or is damaged"));
}

bool is_whole(const fs::path& path) {
  try {
    const hdf5::File file(path);
    return file.has_group(kParameters) && !damage_of(file);
  } catch (const Error&) {
    return false;
  }
}

// Says whether the other checkpoint of the run can be used instead.
std::string remedy(const fs::path& path) {
  for (const auto& [name, other] :
       {std::pair("last.h5", "best.h5"), std::pair("best.h5", "last.h5")})
    if (const fs::path beside = path.parent_path() / other;
        path.filename() == name && is_whole(beside))
      return "; " + beside.string() + " is whole: use that, or copy it to " + name +
             " and resume from there";
  return "";
}

hdf5::File open_whole(const fs::path& path) {
  try {
    hdf5::File file(path);
    auto damage = unsealed(file);
    if (!damage) check_version(file);
    if (!damage) damage = difference_from_digest(file);
    if (damage) throw bad_file(path, *damage + "; the file was damaged or changed");
    return file;
  } catch (const Error& error) {
    if (error.code() != ExitCode::kData) throw;
    throw Error(ExitCode::kData, error.what() + remedy(path));
  }
}

std::size_t bytes_of_arrays(Model& model, const State& state) {
  std::size_t floats = 0;
  for (const Parameter& parameter : model.parameters()) floats += parameter.shape.count();
  for (const auto& [name, array] : state.arrays) floats += array.values.size();
  return floats * sizeof(float);
}

}  // namespace

std::optional<std::string> damage_of(const hdf5::File& file) {
  const auto damage = unsealed(file);
  return damage ? damage : difference_from_digest(file);
}

void save_checkpoint(const fs::path& path, Model& model, const Json& config, const State& state) {
  CheckpointWriter writer(path, bytes_of_arrays(model, state));
  writer.set_attribute("/", kVersion, kFormatVersion);
  writer.set_attribute("/", kConfig, json_text(config));
  writer.create_group(kParameters);
  for (const Parameter& parameter : model.parameters())
    writer.write(kParameters + "/" + parameter.name, parameter.shape,
                 parameter.value.plain_values(model.engine()));
  writer.create_group(kState);
  for (const auto& [name, value] : state.integers) writer.set_attribute(kState, name, value);
  for (const auto& [name, value] : state.numbers) writer.set_attribute(kState, name, value);
  for (const auto& [name, text] : state.texts) writer.set_attribute(kState, name, text);
  for (const auto& [name, array] : state.arrays)
    writer.write(kState + "/" + name, array.shape, array.values);
  write_file_atomically(path, writer.image());
}

CheckpointFile::CheckpointFile(const fs::path& path) : CheckpointFile(open_whole(path)) {}

CheckpointFile::CheckpointFile(hdf5::File file) : file_(std::move(file)) {
  if (!file_.has_group(kParameters))
    throw bad_file(path(),
                   "expected a checkpoint or weights file with the group /parameters, found none");
}

Json CheckpointFile::config() const {
  const auto text = file_.attribute<std::string>("/", kConfig);
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

std::optional<std::string> CheckpointFile::text(const std::string& name) const {
  return file_.attribute<std::string>(kState, name);
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
