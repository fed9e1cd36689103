#include "formats/open/file_planes.h"

#include <algorithm>
#include <cassert>

#include "base/error.h"

namespace lucid {
namespace {

// An inflating stream takes about 600 KiB; a file with more channels is better converted.
constexpr std::size_t kMostStreams = 64;
constexpr std::int64_t kSkippedElements = std::int64_t{1} << 17;

}  // namespace

FilePlanes::FilePlanes(std::function<VolumeFile()> open, const VolumeFile& first)
    : open_(std::move(open)),
      place_(first.place()),
      element_(first.element()),
      shape_(first.shape()),
      d_(first.header().axes.find('d')),
      plane_(1) {
  const std::string& axes = first.header().axes;
  if (first.header().geometry) voxel_size_ = first.header().geometry->voxel_size;
  if (axes.find('h') < d_ || axes.find('w') < d_)
    fail(place_, "expected d before h and w, as planes are read one by one, found the axes '" +
                     axes + "'; convert it with lucid-data import");
  const auto channels = axes.find('c');
  if (channels < d_ && shape_[channels] > static_cast<std::int64_t>(kMostStreams))
    fail(place_, "expected at most " + std::to_string(kMostStreams) + " channels, found " +
                     std::to_string(shape_[channels]) + "; convert it with lucid-data import");
  for (std::size_t axis = d_ + 1; axis < axes.size(); ++axis) plane_ *= shape_[axis];
}

// The checksum of a compressed file is known only behind its last element.
void FilePlanes::read(Stream& stream, std::span<std::byte> out) const {
  stream.file.read(out);
  stream.at += std::ssize(out) / static_cast<std::int64_t>(element_bytes(element_));
  if (stream.at == shape_.elements()) stream.file.finish();
}

FilePlanes::Stream& FilePlanes::stream_at(std::int64_t outer, std::int64_t at) const {
  auto known = streams_.find(outer);
  if (known != streams_.end() && known->second.at > at) {
    streams_.erase(known);
    known = streams_.end();
  }
  if (known == streams_.end()) {
    if (streams_.size() == kMostStreams) streams_.erase(streams_.begin());
    VolumeFile file = open_();
    if (file.shape() != shape_ || file.element() != element_)
      fail(place_, "expected shape " + shape_.str() + " as when it was opened, found " +
                       file.shape().str());
    known = streams_.emplace(outer, Stream{std::move(file)}).first;
  }
  Stream& stream = known->second;
  const auto bytes = static_cast<std::int64_t>(element_bytes(element_));
  std::vector<std::byte> skipped(
      static_cast<std::size_t>(std::min(kSkippedElements, at - stream.at) * bytes));
  while (stream.at < at)
    read(stream, std::span(skipped).first(
                     static_cast<std::size_t>(std::min(kSkippedElements, at - stream.at) * bytes)));
  return stream;
}

void FilePlanes::read_stored(const hdf5::Region& region, std::span<std::byte> out) const {
  const std::lock_guard lock(mutex_);
  for (std::size_t axis = d_ + 1; axis < shape_.rank(); ++axis)
    assert(region.count[axis] == shape_[axis]);
  const std::int64_t depth = shape_[d_], planes = region.count[d_];
  const auto bytes = static_cast<std::size_t>(planes * plane_) * element_bytes(element_);
  std::vector<std::int64_t> index(region.start.begin(),
                                  region.start.begin() + static_cast<std::ptrdiff_t>(d_));
  while (!out.empty()) {
    std::int64_t outer = 0;
    for (std::size_t axis = 0; axis < d_; ++axis) outer = outer * shape_[axis] + index[axis];
    read(stream_at(outer, (outer * depth + region.start[d_]) * plane_), out.first(bytes));
    out = out.subspan(bytes);
    for (std::size_t axis = d_; axis-- > 0;) {
      if (++index[axis] < region.start[axis] + region.count[axis]) break;
      index[axis] = region.start[axis];
    }
  }
}

}  // namespace lucid
