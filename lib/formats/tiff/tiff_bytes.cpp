#include "formats/tiff/tiff_bytes.h"

#include <algorithm>

namespace lucid {

TiffBytes::TiffBytes(TiffPages pages, std::size_t count, const TiffPage& page)
    : pages_(std::move(pages)),
      page_(page),
      left_(count * page.row_bytes() * static_cast<std::uint64_t>(page.rows())) {}

void TiffBytes::next_row(std::span<std::byte> out) {
  if (next_row_ == 0) file_ = &pages_(next_page_++);
  file_->read_row(next_row_, out);
  next_row_ = (next_row_ + 1) % page_.rows();
}

std::size_t TiffBytes::read(std::span<std::byte> out) {
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), left_));
  const std::size_t row_bytes = page_.row_bytes();
  for (std::size_t done = 0; done < wanted;) {
    if (used_ == row_.size() && wanted - done >= row_bytes) {
      next_row(out.subspan(done, row_bytes));
      done += row_bytes;
      continue;
    }
    if (used_ == row_.size()) {
      row_.resize(row_bytes);
      next_row(row_);
      used_ = 0;
    }
    const std::size_t part = std::min(wanted - done, row_.size() - used_);
    std::copy_n(&row_[used_], part, &out[done]);
    used_ += part;
    done += part;
  }
  left_ -= wanted;
  return wanted;
}

VolumeHeader header_of_pages(const TiffPage& page, PageOrder order) {
  VolumeHeader header;
  header.coding = page.coding;
  header.extents = std::move(order.extents);
  const bool has_samples = page.shape.samples > 1;
  if (has_samples && page.is_planar) header.extents.push_back(page.shape.samples);
  header.extents.insert(header.extents.end(), {page.shape.height, page.shape.width});
  if (has_samples && !page.is_planar) header.extents.push_back(page.shape.samples);
  if (!order.axes.empty())
    header.axes = order.axes + (!has_samples ? "hw" : page.is_planar ? "chw" : "hwc");
  header.geometry = std::move(order.geometry);
  header.warnings = std::move(order.warnings);
  return header;
}

}  // namespace lucid
