#pragma once
// Private to this room.

#include <filesystem>
#include <fstream>
#include <span>

#include "base/file.h"
#include "data/volumes/volumes.h"

namespace lucid {

// Writes a table of predictions, one row per sample: where the sample came from, its values and, if
// the volumes have one target number per sample, that number. The file appears when it is complete.
class CsvFile {
 public:
  // Throws Error(kUsage) if a prediction (a shape with N) is not a short list of numbers.
  CsvFile(const OutputFile& file, const Volumes& volumes, const Shape& predictions);

  void add(std::span<const float> values, std::span<const float> targets, std::int64_t samples);
  // Throws Error(kFailed) if the disk is full.
  void finish();

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
