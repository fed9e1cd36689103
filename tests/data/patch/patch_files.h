#pragma once

#include <nlohmann/json.hpp>

#include "data/hdf5/h5_files.h"
#include "data/patch/set.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

namespace lucid::test {

// A folder, and a cache too small for all that is read there.
struct PatchDir : TempDir {
  ChunkCache cache{1 << 12};
};

// Stores NAME/raw, whose voxel (d, h, w) is 10000 d + 100 h + w, and NAME/label, which is 0 unless
// `label` says otherwise, in chunks.
template <class Label>
void store_volume(const std::filesystem::path& file, const std::string& name, const Triple& size,
                  const Label& label) {
  Stored raw{{}, {}, H5T_STD_I32LE}, labels{{}, {}, H5T_STD_U8LE};
  for (const std::int64_t extent : size) raw.extents.push_back(static_cast<hsize_t>(extent));
  labels.extents = raw.extents;
  for (std::int64_t d = 0; d < size[0]; ++d)
    for (std::int64_t h = 0; h < size[1]; ++h)
      for (std::int64_t w = 0; w < size[2]; ++w) {
        raw.values.push_back(static_cast<double>(10000 * d + 100 * h + w));
        labels.values.push_back(static_cast<double>(label(d, h, w)));
      }
  raw.chunk =
      labels.chunk = {std::min<hsize_t>(raw.extents[0], 4), std::min<hsize_t>(raw.extents[1], 5),
                      std::min<hsize_t>(raw.extents[2], 3)};
  raw.deflate = labels.deflate = 1;
  store(file, name + "/raw", raw);
  store(file, name + "/label", labels);
}

inline void store_volume(const std::filesystem::path& file, const std::string& name,
                         const Triple& size) {
  store_volume(file, name, size, [](auto, auto, auto) { return 0; });
}

inline PatchConfig patch_config(const std::string& text) {
  return from_text(text, "/data/patch",
                   [](JsonObject& object) { return read_patch_config(object, std::nullopt); });
}

// Selects */raw and */label in a.h5.
inline VolumesConfig starred() { return {{"a.h5"}, "*/raw", "*/label", ""}; }

inline std::unique_ptr<PatchSet> open_patches(PatchDir& dir, const VolumesConfig& volumes,
                                              const PatchSampler::Options& sampling) {
  PatchVolumes opened(volumes, expand_files(volumes.files, dir.path()), dir.cache);
  return std::make_unique<PatchSet>(std::move(opened), PatchSet::Options{.sampling = sampling});
}

struct ReadPatch {
  std::vector<float> sample, target;
  friend bool operator==(const ReadPatch&, const ReadPatch&) = default;
};

inline ReadPatch read_patch(const Dataset& set, std::int64_t epoch, std::size_t index) {
  ReadPatch patch{std::vector<float>(set.sample_shape().count()),
                  std::vector<float>(set.target_shape().count())};
  set.read(epoch, index, patch.sample, patch.target);
  return patch;
}

}  // namespace lucid::test
