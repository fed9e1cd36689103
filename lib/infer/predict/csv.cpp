#include "infer/predict/csv.h"

#include <cerrno>
#include <cstring>

#include "base/csv.h"

namespace lucid {

CsvFile::CsvFile(const OutputFile& file, const Volumes& volumes, const Shape& predictions)
    : path_(file.path),
      unfinished_(file),
      stream_(unfinished_.path()),
      volumes_(&volumes),
      columns_(predictions.count() / static_cast<std::size_t>(predictions[0])),
      has_target_(volumes.has_targets() && volumes.target_shape().rank() == 0) {
  if (predictions.rank() > 2)
    throw Error(ExitCode::kUsage, path_.string() +
                                      ": --csv expects predictions of (N) or (N, K), found " +
                                      predictions.str() + "; volumes are written to --output");
  CsvRow header;
  header.add("sample").add("file").add("dataset").add("index");
  for (std::size_t i = 0; i < columns_; ++i)
    header.add(predictions.rank() == 1 ? "class" : "prediction_" + std::to_string(i));
  if (has_target_) header.add("target");
  write(header.line());
}

void CsvFile::write(const std::string& line) {
  stream_ << line << '\n';
  if (!stream_)
    throw Error(ExitCode::kFailed, path_.string() + ": cannot be written: " + std::strerror(errno));
}

void CsvFile::add(std::span<const float> values, std::span<const float> targets,
                  std::int64_t samples) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(samples); ++i) {
    while (of_source_ == volumes_->sources()[source_].samples) {
      ++source_;
      of_source_ = 0;
    }
    const VolumeSource& source = volumes_->sources()[source_];
    CsvRow row;
    row.add(sample_++).add(source.file.string()).add(source.dataset).add(of_source_++);
    for (const float value : values.subspan(i * columns_, columns_)) row.add(value);
    if (has_target_) row.add(targets[i]);
    write(row.line());
  }
}

void CsvFile::finish() {
  stream_.close();
  if (!stream_)
    throw Error(ExitCode::kFailed, path_.string() + ": cannot be written: " + std::strerror(errno));
  unfinished_.put_in_place();
}

}  // namespace lucid
