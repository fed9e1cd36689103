#pragma once
// Private to this room.

#include <set>
#include <string>

namespace lucid {

// The paths of the datasets of an import, which come from names of files and arrays.
class DatasetNames {
 public:
  // Throws Error(kData) "place: ..." if HDF5 would read the path as another one, if it holds
  // control characters, or if it is taken: by a dataset, or by a group of one.
  void add(const std::string& path, const std::string& place);

 private:
  std::set<std::string> datasets_, groups_;
};

}  // namespace lucid
