#include "data/statistics/measured_file.h"

#include <utility>

#include "base/file.h"
#include "data/hdf5/file.h"
#include "data/hdf5/write.h"

namespace lucid {

MeasuredFile::MeasuredFile(std::filesystem::path path) : path_(std::move(path)) {
  if (path_.empty()) return;
  try {
    if (kind_of(path_) == FileKind::kMissing) return;
    const hdf5::File file(path_);
    for (const std::string& name : file.datasets())
      known_[file.attribute<std::string>(name, "key").value()] = file.open(name).read<double>();
  } catch (const std::exception&) {
    known_.clear();
  }
}

void MeasuredFile::save() const {
  if (path_.empty() || used_.empty() || used_ == known_) return;
  UnfinishedFile unfinished(path_);
  hdf5::Writer writer(unfinished.path(), path_);
  std::size_t number = 0;
  for (const auto& [key, numbers] : used_) {
    const std::string name = "measured/" + std::to_string(number++);
    writer.write<double>(name, Shape{static_cast<std::int64_t>(numbers.size())}, numbers);
    writer.set_attribute(name, "key", key);
  }
  writer.close();
  unfinished.put_in_place();
}

}  // namespace lucid
