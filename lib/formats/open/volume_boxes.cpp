#include "formats/open/volume_boxes.h"

#include <algorithm>

namespace lucid {
namespace {

constexpr std::size_t kBoxBytes = std::size_t{4} << 20, kMostKept = std::size_t{256} << 20;
// Shorter runs of a channel are read together with the others.
constexpr std::int64_t kLongRun = 4096;

}  // namespace

VolumeBoxes::VolumeBoxes(std::function<VolumeFile()> open, const ChannelOfVolume& channel,
                         KeptElements keeps)
    : open_(std::move(open)) {
  file_.emplace(open_());
  const Shape shape = file_->shape();
  header_ = file_->header();
  element_ = file_->element();
  bytes_ = element_bytes(element_);
  inner_ = all_ = shape.elements();
  if (channel.axis != std::string::npos) {
    channel_ = channel.channel;
    channels_ = shape[channel.axis];
    inner_ = 1;
    for (std::size_t i = channel.axis + 1; i < shape.rank(); ++i) inner_ *= shape[i];
  }
  elements_ = all_ / channels_;
  box_ = std::max<std::int64_t>(1, static_cast<std::int64_t>(kBoxBytes / bytes_));
  const std::size_t all_bytes = static_cast<std::size_t>(elements_) * bytes_;
  keeps_ = keeps == KeptElements::kSmall && all_bytes <= kMostKept;
  if (keeps_) kept_.reserve(all_bytes);
  if (inner_ < kLongRun) box_ = std::max(inner_, box_ / inner_ * inner_);
}

std::int64_t VolumeBoxes::next(std::vector<std::byte>& values) {
  const std::scoped_lock lock(mutex_);
  const std::int64_t number = next_++, first = number * box_;
  values.resize(static_cast<std::size_t>(std::min(box_, elements_ - first)) * bytes_);
  const std::size_t begin = static_cast<std::size_t>(first) * bytes_;
  if (begin + values.size() <= kept_.size()) {
    std::copy_n(kept_.begin() + static_cast<std::ptrdiff_t>(begin), values.size(), values.begin());
    return number;
  }
  read(first, values);
  if (keeps_) kept_.insert(kept_.end(), values.begin(), values.end());
  return number;
}

void VolumeBoxes::read(std::int64_t first, std::span<std::byte> out) {
  if (inner_ < kLongRun) return read_runs(first, out);
  while (!out.empty()) {
    const std::int64_t group = first / inner_, within = first % inner_;
    const std::int64_t run =
        std::min(inner_ - within, std::ssize(out) / static_cast<std::int64_t>(bytes_));
    go_to((group * channels_ + channel_) * inner_ + within);
    const std::size_t bytes = static_cast<std::size_t>(run) * bytes_;
    read_stream(out.first(bytes));
    out = out.subspan(bytes);
    first += run;
  }
}

// Reads whole groups of runs, of all channels, and keeps those of one. A box begins with a run.
void VolumeBoxes::read_runs(std::int64_t first, std::span<std::byte> out) {
  const std::size_t run = static_cast<std::size_t>(inner_) * bytes_,
                    group = run * static_cast<std::size_t>(channels_),
                    own = run * static_cast<std::size_t>(channel_);
  go_to(first * channels_);
  std::vector<std::byte> groups;
  while (!out.empty()) {
    const std::size_t count =
        std::min(out.size() / run, std::max<std::size_t>(kBoxBytes / group, 1));
    groups.resize(count * group);
    read_stream(groups);
    for (std::size_t i = 0; i < count; ++i)
      std::copy_n(groups.begin() + static_cast<std::ptrdiff_t>(i * group + own), run,
                  out.begin() + static_cast<std::ptrdiff_t>(i * run));
    out = out.subspan(count * run);
  }
}

void VolumeBoxes::go_to(std::int64_t element) {
  if (element < at_) {
    file_.emplace(open_());
    at_ = 0;
  }
  std::vector<std::byte> skipped;
  while (at_ < element) {
    skipped.resize(std::min(kBoxBytes, static_cast<std::size_t>(element - at_) * bytes_));
    read_stream(skipped);
  }
}

// The checksum of a compressed file is known only behind its last element.
void VolumeBoxes::read_stream(std::span<std::byte> out) {
  file_->read(out);
  at_ += std::ssize(out) / static_cast<std::int64_t>(bytes_);
  if (at_ == all_) left_out_ = file_->finish();
}

}  // namespace lucid
