#pragma once

#include <map>
#include <string>

#include "base/json.h"
#include "data/statistics/describe.h"
#include "formats/readers/volume_file.h"

namespace lucid {

// Lists the count of each label and the class weights that the loss's "weight": "auto" would use;
// negative labels belong to no class. Empty if there is one label, or so many that they are grey
// values.
std::string label_text(const std::string& name, const std::map<std::int64_t, std::int64_t>& labels);

// A volume of a file that is not HDF5, and the statistics of its elements.
struct VolumeReport {
  std::string name;  // the file, and the array of an archive
  std::string format;
  VolumeHeader header;
  Statistics found;
};
std::string volume_text(const VolumeReport& report);

// An element of "volumes" of lucid-data info --json.
Json volume_json(const VolumeReport& report);
Json dataset_json(const hdf5::File& file, const std::string& dataset, const Description& found);

}  // namespace lucid
