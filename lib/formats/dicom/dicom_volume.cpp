#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "formats/dicom/dicom.h"
#include "formats/dicom/dicom_frame.h"
#include "formats/dicom/dicom_series.h"
#include "formats/dicom/dicom_stack.h"
#include "formats/dicom/mosaic.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// The pixels of images, one after another. Memory: one image.
class DicomBytes : public ByteStream {
 public:
  // With `is_scaled` each image has values of its own scale, which are float32.
  DicomBytes(std::vector<DicomImage> images, bool is_scaled)
      : images_(std::move(images)), is_scaled_(is_scaled) {
    const DicomImage& first = images_.front();
    const std::size_t size = element_bytes(first.pixels.element());
    std::size_t elements = first.pixels.frame_bytes() / size;
    if (first.mosaic)  // some tiles may be empty
      elements = elements / static_cast<std::size_t>(first.mosaic->across * first.mosaic->across) *
                 static_cast<std::size_t>(first.mosaic->slices);
    left_ = images_.size() * elements * (is_scaled ? sizeof(float) : size);
  }

  std::size_t read(std::span<std::byte> out) override {
    std::size_t done = 0;
    while (done < out.size() && left_ > 0) {
      if (used_ == frame_.size()) next_frame();
      const std::size_t part = std::min(out.size() - done, frame_.size() - used_);
      std::copy_n(&frame_[used_], part, &out[done]);
      used_ += part;
      done += part;
      left_ -= part;
    }
    return done;
  }
  std::uint64_t most_left() const override { return left_; }
  bool knows_size() const override { return true; }

 private:
  void next_frame() {
    const DicomImage& image = images_[next_++];
    frame_ = read_frame(image);
    if (image.mosaic) frame_ = slices_of_mosaic(image, frame_);
    used_ = 0;
    if (!is_scaled_) return;
    const ElementType type = image.pixels.element();
    std::vector<std::byte> scaled(frame_.size() / element_bytes(type) * sizeof(float));
    with_element(type, [&](auto element) {
      const auto* from = reinterpret_cast<const decltype(element)*>(frame_.data());
      auto* to = reinterpret_cast<float*>(scaled.data());
      for (std::size_t i = 0; i < scaled.size() / sizeof(float); ++i)
        to[i] = static_cast<float>(image.slope * static_cast<double>(from[i]) + image.intercept);
    });
    frame_ = std::move(scaled);
  }

  std::vector<DicomImage> images_;
  bool is_scaled_;
  std::uint64_t left_;
  std::size_t next_ = 0, used_ = 0;
  std::vector<std::byte> frame_;
};

VolumeHeader header_of(const DicomStack& stack) {
  const DicomImage& first = stack.images.front();
  const DicomPixels& pixels = first.pixels;
  VolumeHeader header;
  header.coding.stored = pixels.element();
  header.extents = {static_cast<std::int64_t>(stack.images.size()), pixels.rows, pixels.columns};
  header.axes = "dhw";
  if (pixels.samples > 1) {
    header.extents.insert(pixels.is_planar ? header.extents.begin() + 1 : header.extents.end(),
                          pixels.samples);
    header.axes = pixels.is_planar ? "dchw" : "dhwc";
  }
  if (first.mosaic) {
    const int across = first.mosaic->across;
    header.extents = {first.mosaic->slices, pixels.rows / across, pixels.columns / across};
    if (stack.images.size() > 1) {
      header.extents.insert(header.extents.begin(), static_cast<std::int64_t>(stack.images.size()));
      header.axes = "cdhw";
    }
  }
  header.geometry = stack.geometry;
  return header;
}

}  // namespace

VolumeFile open_dicom(const fs::path& path) {
  std::vector<DicomImage> images;
  for (const fs::path& file : dicom_files(path)) {
    const DicomElements elements = read_dicom(file);
    if (elements.pixels_at == 0)
      fail(elements.place, "expected an image, found a DICOM file without pixels");
    images.push_back(dicom_image(file, elements));
  }
  DicomStack stack = stacked(std::move(images));
  VolumeHeader header = header_of(stack);
  const DicomImage& first = stack.images.front();
  const bool has_one_scale = std::ranges::all_of(stack.images, [&](const DicomImage& image) {
    return image.slope == first.slope && image.intercept == first.intercept;
  });
  if (has_one_scale) {
    header.coding.slope = first.slope;
    header.coding.intercept = first.intercept;
  } else {
    header.coding.stored = ElementType::kFloat32;
  }
  if (kind_of(path) == FileKind::kFolder)
    if (const std::size_t others = dicom_folder(path).others; others > 0)
      header.warnings.push_back(std::to_string(others) +
                                " DICOM files in it hold no image and are left out");
  return {std::move(header), std::make_unique<DicomBytes>(std::move(stack.images), !has_one_scale),
          path.string()};
}

}  // namespace lucid
