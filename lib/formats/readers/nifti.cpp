#include "formats/readers/nifti.h"

#include <zlib.h>

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "formats/readers/nifti_header.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// A piece is as deep as most chunks, so that no chunk is decoded twice.
constexpr std::int64_t kPiecePlanes = 64, kPieceBytes = std::int64_t{128} << 20;

// Writes plain or gzip, by the file's name. Deterministic: gzip's time stays empty.
class GzipFile {
 public:
  GzipFile(const fs::path& path, const fs::path& named)
      : place_(named.string()),
        file_(gzopen(path.c_str(), named.extension() == ".gz" ? "wb6" : "wbT")) {
    if (file_ == nullptr) fail();
  }
  ~GzipFile() {
    if (file_ != nullptr) gzclose(file_);
  }
  GzipFile(const GzipFile&) = delete;
  GzipFile& operator=(const GzipFile&) = delete;

  void write(std::span<const std::byte> bytes) {
    if (gzfwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) fail();
  }
  void close() {
    if (gzclose(std::exchange(file_, nullptr)) != Z_OK) fail();
  }

 private:
  [[noreturn]] void fail() const {
    throw Error(ExitCode::kFailed,
                place_ + ": cannot be written: " + std::generic_category().message(errno));
  }

  std::string place_;
  gzFile file_;
};

}  // namespace

fs::path image_beside(const fs::path& header) {
  const std::string name = header.stem().string() + ".img";
  for (const std::string& each : {name, name + ".gz"})
    if (kind_of(header.parent_path() / each) != FileKind::kMissing)
      return header.parent_path() / each;
  fail(header.string(), "expected its voxels in " + in_quotes(name) + " or " +
                            in_quotes(name + ".gz") + " beside it, found neither");
}

VolumeFile open_nifti(const fs::path& path) {
  const std::string place = path.string();
  std::unique_ptr<ByteStream> bytes = open_perhaps_gzip(path);
  std::vector<std::byte> header(4);
  read_exactly(*bytes, header, place, "header");
  const std::size_t size = nifti_header_bytes(header);
  if (size == 0)
    throw Error(ExitCode::kData, place + ": expected a NIfTI file, found another beginning");
  header.resize(size);
  read_exactly(*bytes, std::span(header).subspan(4), place, "header");
  const bool is_pair = path.extension() == ".hdr";
  NiftiHeader parsed =
      parse_nifti_header(header, is_pair ? NiftiForm::kPair : NiftiForm::kOneFile, place);
  if (is_pair) bytes = open_perhaps_gzip(image_beside(path));
  skip_exactly(*bytes, parsed.voxels_at - (is_pair ? 0 : size), place, "space before the voxels");
  return {std::move(parsed.volume), std::move(bytes), place};
}

void write_nifti(const OutputFile& output, ElementType type,
                 const std::vector<std::int64_t>& extents, const Geometry& geometry,
                 const FillElements& fill, const NiftiScaling& scaling) {
  UnfinishedFile unfinished(output);
  GzipFile file(unfinished.path(), output.path);
  file.write(nifti_header(type, extents, geometry, scaling));
  const std::int64_t elements = Shape(extents).elements();
  const auto bytes = static_cast<std::int64_t>(element_bytes(type));
  const std::int64_t plane = extents.back() * extents[extents.size() - 2];
  const std::int64_t step =
      std::clamp<std::int64_t>(kPieceBytes / (plane * bytes), 1, kPiecePlanes) * plane;
  std::vector<std::byte> piece;
  for (std::int64_t at = 0; at < elements; at += step) {
    piece.resize(static_cast<std::size_t>(std::min(step, elements - at) * bytes));
    fill(at, piece);
    file.write(piece);
  }
  file.close();
  unfinished.put_in_place();
}

}  // namespace lucid
