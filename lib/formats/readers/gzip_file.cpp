#include "formats/readers/gzip_file.h"

#include <zlib.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "tensor/shape.h"

namespace lucid {
namespace {

// A piece is as deep as most chunks, so that no chunk is decoded twice.
constexpr std::int64_t kPiecePlanes = 64, kPieceBytes = std::int64_t{128} << 20;

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

void GzipFile::write_planes(
    ElementType type, const std::vector<std::int64_t>& extents,
    const std::function<void(std::int64_t begin, std::span<std::byte> out)>& fill) {
  const std::int64_t elements = Shape(extents).elements();
  const auto bytes = static_cast<std::int64_t>(element_bytes(type));
  const std::int64_t plane = extents.back() * extents[extents.size() - 2];
  const std::int64_t step =
      std::clamp<std::int64_t>(kPieceBytes / (plane * bytes), 1, kPiecePlanes) * plane;
  std::vector<std::byte> piece;
  for (std::int64_t at = 0; at < elements; at += step) {
    piece.resize(static_cast<std::size_t>(std::min(step, elements - at) * bytes));
    fill(at, piece);
    write(piece);
  }
}

void GzipFile::close() {
  if (gzclose(std::exchange(file_, nullptr)) != Z_OK) fail();
}

void GzipFile::fail() const {
  throw Error(ExitCode::kFailed,
              place_ + ": cannot be written: " + std::generic_category().message(errno));
}

}  // namespace lucid
