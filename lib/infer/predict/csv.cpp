#include "infer/predict/csv.h"

#include <cerrno>
#include <cstring>

#include "base/text.h"

namespace lucid {
namespace {

// RFC 4180.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string escaped;
  for (const char c : text) escaped += c == '"' ? std::string("\"\"") : std::string(1, c);
  return "\"" + escaped + "\"";
}

}  // namespace

CsvFile::CsvFile(const std::filesystem::path& path, const Volumes& volumes,
                 const Shape& predictions)
    : path_(path),
      unfinished_(path),
      stream_(unfinished_.path()),
      volumes_(&volumes),
      columns_(predictions.count() / static_cast<std::size_t>(predictions[0])),
      has_target_(volumes.has_targets() && volumes.target_shape().rank() == 0) {
  if (predictions.rank() > 2)
    throw Error(ExitCode::kUsage, path_.string() +
                                      ": --csv expects predictions of (N) or (N, K), found " +
                                      predictions.str() + "; volumes are written to --output");
  std::string header = "sample,file,dataset,index";
  for (std::size_t i = 0; i < columns_; ++i)
    header += predictions.rank() == 1 ? ",class" : ",prediction_" + std::to_string(i);
  write(has_target_ ? header + ",target" : header);
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
    std::string row = std::to_string(sample_++) + "," + csv_field(source.file.string()) + "," +
                      csv_field(source.dataset) + "," + std::to_string(of_source_++);
    for (const float value : values.subspan(i * columns_, columns_))
      row += "," + number_text(value);
    if (has_target_) row += "," + number_text(targets[i]);
    write(row);
  }
}

void CsvFile::finish() {
  stream_.close();
  if (!stream_)
    throw Error(ExitCode::kFailed, path_.string() + ": cannot be written: " + std::strerror(errno));
  unfinished_.put_in_place();
}

}  // namespace lucid
