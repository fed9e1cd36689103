#include "store/stored_rules.h"

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "store/checkpoint.h"
#include "store/checkpoint_writer.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

Json json_in(const std::string& text, const std::string& place) {
  try {
    return parse_json(text, place);
  } catch (const Error& error) {
    throw Error(ExitCode::kData, error);
  }
}

// What the digest of a checkpoint lists is all that it holds.
Json contents_of(const hdf5::File& file) {
  const auto digest = file.attribute<std::string>("/", kDigest);
  if (!digest)
    fail(file.path().string(), "expected a checkpoint with the attribute 'digest', found none");
  return json_in(digest->substr(digest->find('\n') + 1), file.path().string() + ": digest");
}

template <class T>
void copy_attributes(const hdf5::File& file, const Json& objects, CheckpointWriter& writer) {
  for (const auto& [object, names] : objects.items())
    for (const auto& [name, sum] : names.items())
      if (name != kRules) writer.set_attribute(object, name, *file.attribute<T>(object, name));
}

std::vector<std::byte> image_with(const fs::path& path,
                                  const std::optional<PostprocessRules>& rules) {
  const hdf5::File file(path);
  const Json contents = contents_of(file), none = Json::object();
  CheckpointWriter writer(path, fs::file_size(path));
  writer.create_group(kParameters);
  writer.create_group(kState);
  copy_attributes<std::int64_t>(file, contents.value("integer", none), writer);
  copy_attributes<double>(file, contents.value("number", none), writer);
  copy_attributes<std::string>(file, contents.value("text", none), writer);
  if (rules) writer.set_attribute("/", kRules, json_text(postprocess_json(*rules)));
  const Json arrays = contents.value("array", none);
  for (const auto& [name, sum] : arrays.items()) {
    const hdf5::Array array = file.open(name);
    writer.write(name, array.shape(), array.read<float>());
  }
  return writer.image();
}

}  // namespace

std::optional<PostprocessRules> stored_rules(const fs::path& checkpoint) {
  const auto text = hdf5::File(checkpoint).attribute<std::string>("/", kRules);
  if (!text) return std::nullopt;
  const std::string place = checkpoint.string() + ": " + kRules;
  const Json json = json_in(*text, place);
  ConfigErrors errors(place);
  PostprocessRules rules = read_postprocess_json(JsonObject(json, "", errors));
  errors.throw_if_any(ExitCode::kData);
  return rules;
}

bool holds_rules(const fs::path& checkpoint, const std::optional<PostprocessRules>& rules) {
  const CheckpointFile whole(checkpoint);
  return postprocess_json(stored_rules(checkpoint)) == postprocess_json(rules);
}

void store_rules(const fs::path& checkpoint, const std::optional<PostprocessRules>& rules) {
  remove_leftovers(checkpoint);
  if (!holds_rules(checkpoint, rules))
    write_file_atomically(checkpoint, image_with(checkpoint, rules));
}

}  // namespace lucid
