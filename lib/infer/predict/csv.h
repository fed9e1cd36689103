#pragma once

#include <filesystem>
#include <fstream>
#include <span>

#include "base/file.h"
#include "data/volumes/volumes.h"

namespace lucid {

// A table of predictions, a row a sample: where the sample came from, its values and, where the
// volumes have a target of one number a sample, that number. It appears when it is complete.
class CsvFile {
 public:
  // Throws Error(kUsage) when a prediction (shape with N) is no short list of numbers.
  CsvFile(const std::filesystem::path& path, const Volumes& volumes, const Shape& predictions);

  void add(std::span<const float> values, std::span<const float> targets, std::int64_t samples);
  void finish();  // throws Error(kFailed) when the disk did not take all of it

 private:
  void write(const std::string& line);

  std::filesystem::path path_;
  UnfinishedFile unfinished_;
  std::ofstream stream_;
  const Volumes* volumes_;
  std::size_t columns_, source_ = 0, sample_ = 0, of_source_ = 0;
  bool has_target_;
};

}  // namespace lucid
