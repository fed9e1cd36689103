#include <hdf5.h>
#include <sys/stat.h>

#include <algorithm>

#include "data/hdf5/file.h"

namespace lucid::hdf5 {

std::string Array::stored_identity() const {
  const std::string in_file = [this] {
    const std::string whole = identity();
    return whole.substr(whole.find('/') + 1);
  }();
  const Lock lock;
  std::string name(static_cast<std::size_t>(std::max<ssize_t>(H5Fget_name(id(), nullptr, 0), 0)),
                   ' ');
  H5Fget_name(id(), name.data(), name.size() + 1);
  struct stat status {};
  if (stat(name.c_str(), &status) != 0) return name + " " + in_file;
  return std::to_string(status.st_dev) + " " + std::to_string(status.st_ino) + " " + in_file;
}

}  // namespace lucid::hdf5
