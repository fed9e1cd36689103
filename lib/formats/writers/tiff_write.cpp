#include "formats/writers/tiff_write.h"

#include <libdeflate.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <type_traits>

#include "base/text.h"
#include "formats/writers/output_stream.h"
#include "formats/writers/tiff_directory.h"
#include "tensor/shape.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// A strip is decoded at once by most programs.
constexpr std::int64_t kStripBytes = std::int64_t{1} << 18;
constexpr int kTiffLevel = 6;
// Offsets of 32 bits reach no further; the rest is for directories and what does not shrink.
constexpr std::int64_t kMostClassicBytes = 0xf0000000;
// Below this size, in mm, voxels are those of a microscope.
constexpr double kMicroscopic = 0.1;

// Where the strips of a page lie.
struct PageStrips {
  std::vector<std::uint64_t> offsets, bytes;
};

struct TiffVolume {
  ElementType type;
  std::int64_t channels, depth, height, width;

  std::int64_t row_bytes() const { return width * static_cast<std::int64_t>(element_bytes(type)); }
  std::int64_t strip_rows() const {
    return std::clamp<std::int64_t>(kStripBytes / row_bytes(), 1, height);
  }
};

// ImageJ's words for the axes and the size of voxels.
std::string description_of(const TiffVolume& volume, double depth, const std::string& unit) {
  const bool has_channels = volume.channels > 1;
  return "ImageJ=1.54f\nimages=" + std::to_string(volume.channels * volume.depth) +
         (has_channels ? "\nchannels=" + std::to_string(volume.channels) : "") +
         "\nslices=" + std::to_string(volume.depth) +
         (has_channels ? "\nhyperstack=true\nmode=grayscale" : "") + "\nunit=" + unit +
         "\nspacing=" + number_text(depth) + "\nloop=false\n";
}

// Returns two integers of 32 bits whose ratio is the number: within 1e-9 for voxels below 8 units.
std::vector<std::uint64_t> ratio(double number) {
  constexpr double kMost = 4e9;
  const double scale = std::floor(kMost / std::max(number, 1.0));
  const auto above = static_cast<std::uint64_t>(std::llround(std::min(number * scale, kMost)));
  const auto below = static_cast<std::uint64_t>(scale);
  const std::uint64_t divisor = std::max<std::uint64_t>(std::gcd(above, below), 1);
  return {above / divisor, std::max<std::uint64_t>(below / divisor, 1)};
}

class StripWriter {
 public:
  StripWriter(OutputStream& out, const TiffVolume& volume)
      : out_(out),
        volume_(volume),
        deflate_(libdeflate_alloc_compressor(kTiffLevel), libdeflate_free_compressor) {
    if (deflate_ == nullptr) throw std::bad_alloc();
    coded_.resize(libdeflate_zlib_compress_bound(
        deflate_.get(), static_cast<std::size_t>(volume.strip_rows() * volume.row_bytes())));
  }

  // Appends whole planes to the file.
  void write(std::span<const std::byte> planes) {
    const auto strip = static_cast<std::size_t>(volume_.strip_rows() * volume_.row_bytes());
    const auto plane = static_cast<std::size_t>(volume_.height * volume_.row_bytes());
    for (; !planes.empty(); planes = planes.subspan(plane)) {
      pages_.emplace_back();
      for (std::size_t at = 0; at < plane; at += strip)
        write_strip(planes.subspan(at, std::min(strip, plane - at)), pages_.back());
    }
  }
  const std::vector<PageStrips>& pages() const { return pages_; }

 private:
  void write_strip(std::span<const std::byte> rows, PageStrips& page) {
    const std::size_t size = libdeflate_zlib_compress(deflate_.get(), rows.data(), rows.size(),
                                                      coded_.data(), coded_.size());
    page.offsets.push_back(out_.size());
    page.bytes.push_back(size);
    out_.write(std::span(coded_).first(size));
  }

  OutputStream& out_;
  const TiffVolume& volume_;
  std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> deflate_;
  std::vector<std::byte> coded_;
  std::vector<PageStrips> pages_;
};

std::uint64_t sample_format(ElementType type) {
  constexpr std::uint64_t kUnsigned = 1, kSigned = 2, kFloat = 3;
  return with_element(type, [&](auto element) {
    using Stored = decltype(element);
    return std::is_floating_point_v<Stored> ? kFloat
           : std::is_signed_v<Stored>       ? kSigned
                                            : kUnsigned;
  });
}

void add_page(TiffDirectories& directories, const TiffVolume& volume, const PageStrips& strips,
              const std::string& description, const std::array<double, 3>& size) {
  constexpr std::uint64_t kDeflate = 8, kBlackIsZero = 1, kOneSample = 1, kNoUnit = 1;
  using enum TiffType;
  const auto number = [](std::int64_t value) { return static_cast<std::uint64_t>(value); };
  directories.add(256, kLong, {number(volume.width)});
  directories.add(257, kLong, {number(volume.height)});
  directories.add(258, kShort, {8 * element_bytes(volume.type)});
  directories.add(259, kShort, {kDeflate});
  directories.add(262, kShort, {kBlackIsZero});
  if (!description.empty()) directories.add(270, description);
  directories.add(273, kOffset, strips.offsets);
  directories.add(277, kShort, {kOneSample});
  directories.add(278, kLong, {number(volume.strip_rows())});
  directories.add(279, kOffset, strips.bytes);
  directories.add(282, kRational, ratio(1 / size[2]));
  directories.add(283, kRational, ratio(1 / size[1]));
  directories.add(296, kShort, {kNoUnit});
  directories.add(339, kShort, {sample_format(volume.type)});
  directories.end_page();
}

}  // namespace

void write_tiff_data(const fs::path& file, const fs::path& named, ElementType type,
                     const std::vector<std::int64_t>& extents, const Geometry& geometry,
                     const FillElements& fill) {
  const std::size_t space = extents.size() - 3;
  const TiffVolume volume{type, space == 0 ? 1 : extents[0], extents[space], extents[space + 1],
                          extents[space + 2]};
  const std::int64_t bytes =
      Shape(extents).elements() * static_cast<std::int64_t>(element_bytes(type));
  const TiffForm form = bytes > kMostClassicBytes ? TiffForm::kBig : TiffForm::kClassic;
  OutputStream out(file, named);
  out.write(tiff_header(form, 0));
  StripWriter strips(out, volume);
  fill_pieces(type, extents, fill, [&](std::span<const std::byte> piece) { strips.write(piece); });
  out.write(std::string(8 - out.size() % 8, '\0'));
  std::array<double, 3> size = geometry.voxel_size;
  const bool is_microscopic = *std::ranges::max_element(size) < kMicroscopic;
  if (is_microscopic)
    for (double& side : size) side *= 1000;
  const std::string unit = is_microscopic ? "micron" : "mm";
  TiffDirectories directories(form, out.size());
  std::string description = description_of(volume, size[0], unit);
  for (std::int64_t slice = 0; slice < volume.depth; ++slice)
    for (std::int64_t channel = 0; channel < volume.channels; ++channel) {
      const auto page = static_cast<std::size_t>(channel * volume.depth + slice);
      add_page(directories, volume, strips.pages()[page], description, size);
      description.clear();
    }
  out.write(directories.text());
  out.replace(0, tiff_header(form, directories.first()));
  out.close();
}

}  // namespace lucid
