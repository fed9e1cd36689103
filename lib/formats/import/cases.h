#pragma once
// Private to this room.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "formats/import/description.h"

namespace lucid {

// A volume and what is known of it; several images are its channels.
struct ImportCase {
  std::string name;
  std::vector<std::filesystem::path> images;
  std::optional<std::filesystem::path> label;
};

struct ImportFiles {
  std::vector<ImportCase> cases;           // sorted by name within each input
  std::vector<std::filesystem::path> npz;  // archives that hold sets instead of volumes
  SetDescription described;                // by a dataset.json next to the volumes
  std::filesystem::path description;       // that dataset.json; empty without one
};

// What the end of an image's name means.
enum class ChannelNames {
  kNumbered,  // NAME_0000, NAME_0001, ... are the channels of NAME, as in nnU-Net
  kNone       // every image is a case
};

// How cases follow from the names of files.
struct CaseRules {
  ChannelNames channels = ChannelNames::kNumbered;
  bool are_archives_volumes = false;  // a .npz is a volume, not an archive of sets
};

// Turns files, globs and folders into cases. Images and labels match by name; an image with the
// whole name of a label is a case of its own, whatever number the name ends in. A folder with
// imagesTr and labelsTr provides both. Throws Error(kUsage) if nothing is found, Error(kData) with
// a line for each image without label and each label without image, or for each case whose channels
// are not those of the others.
ImportFiles find_cases(const std::vector<std::string>& images,
                       const std::vector<std::string>& labels, const CaseRules& rules);

}  // namespace lucid
