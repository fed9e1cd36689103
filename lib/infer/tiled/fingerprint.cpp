#include "infer/tiled/fingerprint.h"

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "data/hdf5/files_behind.h"
#include "formats/open/file_identity.h"
#include "formats/open/open_volume.h"
#include "infer/processes/content.h"
#include "infer/volume/volume_input.h"
#include "infer/window/patch_choice.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

Json calibration_identity(const InferOptions& options) {
  if (!options.calibration) return nullptr;
  Json files = Json::array();
  for (const fs::path& file : options.calibration->files) files.push_back(file_identity(file));
  return {{"files", files},
          {"max_loss", options.calibration->max_loss},
          {"limit", options.calibration->limit}};
}

Json crc_of(const fs::path& file) { return checksum_of(file)->crc; }

// Files that other files of the inputs hold their data in count, too.
Json input_identities(const std::set<fs::path>& inputs) {
  std::map<fs::path, Json> known;
  for (const fs::path& input : inputs) {
    if (known.contains(input)) continue;
    for (const fs::path& file :
         is_volume_file(input) ? files_of_volume(input) : hdf5::files_behind(input))
      known[file] = file_identity(file);
    if (!fs::is_directory(input))  // whose files are listed
      known[input] = file_identity(input);
  }
  Json identities = Json::array();
  for (auto& [path, identity] : known) identities.push_back(std::move(identity));
  return identities;
}

// Adds what the options say but for the size of windows.
void add_options(const InferOptions& options, Json& all) {
  const TileOptions tiles = options.tiles.value_or(TileOptions{});
  all.update({{"overlap", tiles.overlap ? Json(*tiles.overlap) : Json("auto")},
              {"windows", "inside"},  // where a network was trained on patches
              {"blend", blend_names()[static_cast<std::size_t>(tiles.blend)]},
              {"flips", tiles.flips == Flips{} ? Json(false) : Json(letters_of(tiles.flips))},
              {"activation", activation_names()[static_cast<std::size_t>(options.activation)]},
              {"output_type",
               options.output_type
                   ? Json(output_type_names()[static_cast<std::size_t>(*options.output_type)])
                   : Json()},
              {"batch_size", options.batch_size.value_or(1)},
              {"precision", precision_names()[static_cast<std::size_t>(options.precision)]},
              {"calibration", calibration_identity(options)},
              {"keep_spacing", options.keeps_spacing}});
  if (options.voxel_size) all["voxel_size"] = *options.voxel_size;
  if (options.postprocess) all["postprocess"] = postprocess_json(*options.postprocess);
  // All predictions of such a run are evaluated; those of other runs do not help.
  if (options.target) all["target"] = *options.target;
}

template <class Value>
Json if_any(const std::optional<Value>& value) {
  return value ? Json(*value) : Json();
}

// The size of windows as it was asked for; what "auto" is depends on the memory.
Json window_identity(const InferOptions& options) {
  if (!options.tiles) return nullptr;
  if (!options.tiles->takes_largest) return if_any(options.tiles->patch);
  const std::int64_t half = static_cast<std::int64_t>(half_of_memory() >> 20);
  return {{"memory_mib", options.tiles->memory_mib.value_or(half)}};
}

}  // namespace

Json of_checkpoints(const InferOptions& options, Json (*describe)(const fs::path&)) {
  Json list = Json::array();
  for (const fs::path& file : options.checkpoints) list.push_back(describe(file));
  return list.size() == 1 ? list.front() : list;
}

Json fingerprint(const InferOptions& options, const Tiling& tiling, const TileVolumes& volumes) {
  Json inputs = Json::array();
  std::set<fs::path> files;
  for (const VolumeStacks& stacks : volumes.stacks)
    for (const auto& input : stacks.inputs) {
      inputs.push_back({{"file", fs::weakly_canonical(input->file()).string()},
                        {"dataset", input->dataset()},
                        {"axes", input->axes()},
                        {"shape", input->stored().extents()}});
      files.insert(input->file());
    }
  Json all{{"lucid", LUCID_VERSION},
           {"checkpoint", of_checkpoints(options, file_identity)},
           {"checkpoint_crc32", of_checkpoints(options, crc_of)},
           {"files", input_identities(files)},
           {"inputs", inputs},
           {"patch", tiling.window()}};
  add_options(options, all);
  return all;
}

Json fingerprint_of_input(const InferOptions& options, const Json& checkpoints,
                          const fs::path& input) {
  Json all{{"lucid", LUCID_VERSION},
           {"checkpoint", checkpoints},
           {"files", input_identities({input})},
           {"dataset", if_any(options.dataset)},
           {"axes", if_any(options.axes)},
           {"has_windows", options.tiles.has_value()},
           {"patch", window_identity(options)}};
  add_options(options, all);
  if (!options.batch_size) all["batch_size"] = nullptr;  // that of training, without windows
  return all;
}

}  // namespace lucid
