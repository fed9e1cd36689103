#include "formats/readers/gzip_file.h"

#include <zlib.h>

#include <utility>

#include "base/error.h"

namespace lucid {
namespace {

const char* const kModes[] = {"wbT", "wb6", "ab6"};  // in the order of the enum

}  // namespace

GzipFile::GzipFile(const std::filesystem::path& path, std::string place, Mode mode)
    : place_(std::move(place)),
      file_(gzopen(path.c_str(), kModes[static_cast<std::size_t>(mode)])) {
  if (file_ == nullptr) fail();
}

GzipFile::~GzipFile() {
  if (file_ != nullptr) gzclose(file_);
}

void GzipFile::write(std::span<const std::byte> bytes) {
  if (gzfwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) fail();
}

void GzipFile::write_planes(ElementType type, const std::vector<std::int64_t>& extents,
                            const FillElements& fill) {
  fill_pieces(type, extents, fill, [this](std::span<const std::byte> piece) { write(piece); });
}

void GzipFile::close() {
  if (gzclose(std::exchange(file_, nullptr)) != Z_OK) fail();
}

void GzipFile::fail() const {
  throw Error(ExitCode::kFailed,
              place_ + ": cannot be written: " + std::generic_category().message(errno));
}

}  // namespace lucid
