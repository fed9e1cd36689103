#pragma once

#include <filesystem>
#include <fstream>
#include <span>

#include "base/file.h"
#include "data/volumes.h"

namespace lucid {

// A table of predictions, a row a sample: where the sample came from and its values. It appears
// when it is complete.
class CsvFile {
 public:
  // Throws Error(kUsage) when a prediction (shape with N) is no short list of numbers.
  CsvFile(const std::filesystem::path& path, const Volumes& volumes, const Shape& predictions);

  void add(std::span<const float> values, std::int64_t samples);
  void finish();  // throws Error(kFailed) when the disk did not take all of it

 private:
  void write(const std::string& line);

  std::filesystem::path path_;
  UnfinishedFile unfinished_;
  std::ofstream stream_;
  const Volumes* volumes_;
  std::size_t columns_, source_ = 0, sample_ = 0, of_source_ = 0;
};

}  // namespace lucid
