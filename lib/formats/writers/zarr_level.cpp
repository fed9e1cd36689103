#include "formats/writers/zarr_level.h"

#include <algorithm>

#include "base/error.h"
#include "base/machine/share_work.h"
#include "data/array/copy_box.h"
#include "formats/writers/output_stream.h"
#include "formats/writers/zarr_codec.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

Triple smaller(const Triple& a, const Triple& b) {
  return {std::min(a[0], b[0]), std::min(a[1], b[1]), std::min(a[2], b[2])};
}

std::int64_t chunks_along(std::int64_t extent, std::int64_t chunk) {
  return (extent + chunk - 1) / chunk;
}

}  // namespace

ZarrLevel::ZarrLevel(const ZarrImageFiles& image, std::string name, const Triple& extents,
                     ZarrLevel* below, const Triple& step)
    : image_(image),
      name_(std::move(name)),
      extents_(extents),
      chunk_(smaller(extents, image.chunk)),
      step_(step),
      below_(below),
      plane_bytes_(extents[1] * extents[2] * static_cast<std::int64_t>(element_bytes(image.type))),
      slab_(static_cast<std::size_t>(chunk_[0] * plane_bytes_)) {}

std::span<std::byte> ZarrLevel::room() {
  return std::span(slab_)
      .first(static_cast<std::size_t>(slab_planes() * plane_bytes_))
      .subspan(static_cast<std::size_t>(filled_ * plane_bytes_));
}

void ZarrLevel::advance(std::int64_t planes) {
  filled_ += planes;
  if (filled_ < slab_planes()) return;
  write_slab();
  if (below_ != nullptr) hand_down();
  begin_ += filled_;
  filled_ = 0;
  if (begin_ < extents_[0]) return;
  begin_ = 0;
  ++channel_;
}

void ZarrLevel::write_slab() const {
  fs::path folder = image_.folder / name_;
  if (image_.has_channels) folder /= std::to_string(channel_);
  folder /= std::to_string(begin_ / chunk_[0]);
  const std::int64_t down = chunks_along(extents_[1], chunk_[1]),
                     across = chunks_along(extents_[2], chunk_[2]);
  for (std::int64_t y = 0; y < down; ++y) {
    std::error_code error;
    fs::create_directories(folder / std::to_string(y), error);
    if (error)
      throw Error(ExitCode::kFailed,
                  image_.named.string() + ": cannot be written: " + error.message());
  }
  share_work(down * across, image_.threads,
             [&](std::int64_t i) { write_chunk(folder, i / across, i % across); });
}

// A chunk at the end of an axis is stored whole, with zeros behind the voxels.
void ZarrLevel::write_chunk(const fs::path& folder, std::int64_t down, std::int64_t across) const {
  const std::size_t bytes = element_bytes(image_.type);
  const Triple start{0, down * chunk_[1], across * chunk_[2]}, origin{};
  const Triple count = smaller(chunk_, {filled_, extents_[1] - start[1], extents_[2] - start[2]});
  const Triple slab{filled_, extents_[1], extents_[2]};
  std::vector<std::byte> chunk(static_cast<std::size_t>(chunk_[0] * chunk_[1] * chunk_[2]) * bytes),
      stored;
  copy_box(bytes, count, slab_.data(), {slab, start}, chunk.data(), {chunk_, origin});
  compress_zarr_chunk(chunk, bytes, stored);
  OutputStream file(folder / std::to_string(down) / std::to_string(across), image_.named);
  file.write(stored);
  file.close();
}

// A slab that others follow has an even number of planes, so that no pair is cut in two.
void ZarrLevel::hand_down() const {
  const std::int64_t count = chunks_along(filled_, step_[0]);
  for (std::int64_t done = 0; done < count;) {
    const std::span<std::byte> out = below_->room();
    const std::int64_t planes = std::min(count - done, std::ssize(out) / below_->plane_bytes());
    share_work(planes, image_.threads, [&](std::int64_t i) {
      const std::int64_t first = (done + i) * step_[0], deep = std::min(step_[0], filled_ - first);
      const auto from = std::span(slab_).subspan(static_cast<std::size_t>(first * plane_bytes_),
                                                 static_cast<std::size_t>(deep * plane_bytes_));
      reduce_planes(image_.type, image_.reduction, from, {deep, extents_[1], extents_[2]}, step_,
                    out.subspan(static_cast<std::size_t>(i * below_->plane_bytes()),
                                static_cast<std::size_t>(below_->plane_bytes())));
    });
    below_->advance(planes);
    done += planes;
  }
}

}  // namespace lucid
