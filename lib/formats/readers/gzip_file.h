#pragma once
// Private to this room.

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "formats/readers/fill_elements.h"

namespace lucid {

// A file that is written compressed, or plain. Deterministic: gzip's time stays empty.
class GzipFile {
 public:
  enum class Mode { kPlain, kGzip, kGzipBehindHeader };  // the last appends to what is there

  // `place` names the file in errors, which are Error(kFailed).
  GzipFile(const std::filesystem::path& path, std::string place, Mode mode);
  ~GzipFile();
  GzipFile(const GzipFile&) = delete;
  GzipFile& operator=(const GzipFile&) = delete;

  void write(std::span<const std::byte> bytes);
  // Writes an array piece by piece, in whole planes of its last two axes.
  void write_planes(ElementType type, const std::vector<std::int64_t>& extents,
                    const FillElements& fill);
  void close();

 private:
  [[noreturn]] void fail() const;

  std::string place_;
  struct gzFile_s* file_;
};

}  // namespace lucid
