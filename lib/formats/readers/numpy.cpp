#include "formats/readers/numpy.h"

#include <algorithm>

#include "base/text.h"
#include "formats/readers/npy_header.h"
#include "formats/readers/zip.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// Memory grows with what is read, not with what the header declares.
std::vector<std::byte> read_whole(VolumeFile& file) {
  constexpr std::size_t kPieceRead = std::size_t{1} << 24;
  const std::size_t all = file.shape().count() * element_bytes(file.header().coding.stored);
  std::vector<std::byte> bytes;
  while (bytes.size() < all) {
    const std::size_t done = bytes.size();
    bytes.resize(done + std::min(all - done, kPieceRead));
    file.read(std::span(bytes).subspan(done));
  }
  return bytes;
}

// Returns elements in C order of an array in Fortran order, which is read when the first ones are.
class Transposed : public ByteStream {
 public:
  explicit Transposed(VolumeFile file)
      : file_(std::move(file)),
        size_(file_.shape().count() * element_bytes(file_.header().coding.stored)) {}

  std::size_t read(std::span<std::byte> out) override {
    if (bytes_.empty()) transpose();
    const std::size_t count = std::min(out.size(), bytes_.size() - done_);
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(done_), count, out.begin());
    done_ += count;
    return count;
  }
  std::uint64_t most_left() const override { return size_ - done_; }
  bool knows_size() const override { return true; }
  std::string left_out() const override { return left_out_; }

 private:
  void transpose() {
    const std::vector<std::byte> stored = read_whole(file_);
    left_out_ = file_.finish();
    bytes_.resize(stored.size());
    const std::vector<std::int64_t>& extents = file_.header().extents;
    const std::size_t size = element_bytes(file_.header().coding.stored);
    std::vector<std::size_t> strides(extents.size(), size), at(extents.size(), 0);
    for (std::size_t axis = 1; axis < extents.size(); ++axis)
      strides[axis] = strides[axis - 1] * static_cast<std::size_t>(extents[axis - 1]);
    for (std::size_t to = 0; to < bytes_.size(); to += size) {
      std::size_t from = 0;
      for (std::size_t axis = 0; axis < at.size(); ++axis) from += at[axis] * strides[axis];
      std::copy_n(&stored[from], size, &bytes_[to]);
      for (std::size_t axis = at.size(); axis-- > 0;) {
        if (++at[axis] < static_cast<std::size_t>(extents[axis])) break;
        at[axis] = 0;
      }
    }
  }

  VolumeFile file_;  // its bytes in the stored order
  std::size_t size_, done_ = 0;
  std::vector<std::byte> bytes_;
  std::string left_out_;
};

VolumeFile open_array(std::unique_ptr<ByteStream> bytes, const std::string& place) {
  const NpyHeader header = read_npy_header(*bytes, place);
  VolumeHeader volume;
  volume.coding = header.coding;
  volume.extents = header.shape.empty() ? std::vector<std::int64_t>{1} : header.shape;
  if (std::find(volume.extents.begin(), volume.extents.end(), 0) != volume.extents.end()) {
    std::vector<std::string> words;
    for (const std::int64_t extent : volume.extents) words.push_back(std::to_string(extent));
    throw UnsupportedArray(place, "expected extents of at least 1, found " + join(words, "x"));
  }
  constexpr std::size_t kMostAxes = 32;  // of HDF5
  if (volume.extents.size() > kMostAxes)
    throw UnsupportedArray(
        place, "expected at most 32 axes, found " + std::to_string(volume.extents.size()));
  if (!header.is_fortran || volume.extents.size() == 1)
    return {std::move(volume), std::move(bytes), place};
  VolumeHeader stored = volume;  // passes the bytes on, so that nothing is converted twice
  stored.coding.is_swapped = stored.coding.is_half = false;
  auto turned = std::make_unique<Transposed>(VolumeFile(stored, std::move(bytes), place));
  return {std::move(volume), std::move(turned), place};
}

}  // namespace

VolumeFile open_npy(const fs::path& path) { return open_array(open_bytes(path, 0), path.string()); }

Npz::Npz(const fs::path& path) : archive_(std::make_unique<ZipArchive>(path)) {
  for (const std::string& name : archive_->names()) {
    if (name.ends_with(".npy"))
      arrays_.push_back(name.substr(0, name.size() - 4));
    else if (!name.ends_with('/'))
      others_.push_back(name);
  }
  if (arrays_.empty()) fail(archive_->place(), "expected arrays of NumPy (.npy), found none");
  std::sort(arrays_.begin(), arrays_.end());
}

Npz::~Npz() = default;

VolumeFile Npz::open(const std::string& array) const {
  return open_array(archive_->open(array + ".npy"), archive_->place() + ": " + array);
}

std::vector<std::string> npz_arrays(const fs::path& path) { return Npz(path).arrays(); }

VolumeFile open_npz(const fs::path& path, const std::string& array) {
  return Npz(path).open(array);
}

}  // namespace lucid
