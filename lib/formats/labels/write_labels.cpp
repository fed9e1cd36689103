#include "formats/labels/write_labels.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "data/array/axes.h"
#include "data/chunks/writer.h"
#include "formats/readers/nifti.h"

namespace lucid {
namespace {

constexpr int kDeflate = 4;
constexpr std::int64_t kOutputChunk = 64, kOutputSlabBytes = std::int64_t{128} << 20;

void read_planes(LabelPlanes& labels, ElementType type, std::span<std::byte> out) {
  std::vector<Label> plane(labels.plane_voxels());
  const std::size_t plane_bytes = plane.size() * element_bytes(type);
  for (std::size_t at = 0; at < out.size(); at += plane_bytes) {
    labels.read(plane);
    with_element(type, [&](auto element) {
      using Stored = decltype(element);
      auto* to = reinterpret_cast<Stored*>(out.data() + at);
      for (const Label label : plane) *to++ = static_cast<Stored>(label);
    });
  }
}

}  // namespace

ElementType label_type(ElementType stored, Label most) {
  const bool fits = with_element(stored, [&](auto element) {
    using Stored = decltype(element);
    if constexpr (std::is_integral_v<Stored>)
      return sizeof(Stored) <= 4 && std::cmp_less_equal(most, std::numeric_limits<Stored>::max());
    else
      return false;
  });
  return fits ? stored : ElementType::kInt32;
}

void write_label_nifti(const OutputFile& output, LabelPlanes& labels, ElementType type,
                       const LabelVolume& from, const WriteProgress& progress) {
  const Triple& extents = labels.extents();
  const auto size = static_cast<double>(extents[0] * extents[1] * extents[2]);
  labels.rewind();
  const auto fill = [&](std::int64_t begin, std::span<std::byte> out) {
    read_planes(labels, type, out);
    progress((static_cast<double>(begin) + static_cast<double>(out.size() / element_bytes(type))) /
             size);
  };
  write_nifti(output, type, {extents.begin(), extents.end()},
              from.geometry().value_or(plain_geometry({1, 1, 1})), fill);
}

LabelDataset::LabelDataset(hdf5::Writer& file, const LabelSource& source, ElementType type,
                           int threads)
    : file_(file), path_(source.dataset), type_(type), threads_(threads) {
  const hdf5::File from(source.file);
  const hdf5::Array array = from.open(source.dataset);
  for (const char axis : std::string_view("ncdhw")) {
    if (source.axes.find(axis) == std::string::npos) continue;
    axes_ += axis;
    extents_.push_back(axis_extent(source.axes, array.shape(), axis));
    const bool is_space = axis != 'n' && axis != 'c';
    chunk_.push_back(is_space ? std::min(extents_.back(), kOutputChunk) : 1);
  }
  const std::size_t d = axes_.find('d');
  const std::int64_t plane_bytes =
      extents_[d + 1] * extents_[d + 2] * static_cast<std::int64_t>(element_bytes(type));
  chunk_[d] = std::clamp<std::int64_t>(kOutputSlabBytes / plane_bytes, 1, chunk_[d]);
  file.create(path_, type, Shape(extents_), {.chunk = chunk_, .deflate = kDeflate});
  const std::vector<std::string> names = hdf5::attribute_names(array);
  hdf5::check_attributes(array, names);
  file.copy_attributes(array, path_, names);
  if (std::ranges::find(names, "axes") != names.end()) file.set_attribute(path_, "axes", axes_);
}

void LabelDataset::write(LabelPlanes& labels, std::int64_t sample, const WriteProgress& progress) {
  const ChunkedOutput output{path_, type_, Shape(extents_), {.chunk = chunk_, .deflate = kDeflate}};
  hdf5::Region part{std::vector<std::int64_t>(extents_.size(), 0), extents_};
  if (axes_.front() == 'n') {
    part.start[0] = sample;
    part.count[0] = 1;
  }
  const std::size_t d = axes_.find('d');
  std::vector<std::byte> slab;
  labels.rewind();
  for (std::int64_t at = 0; at < extents_[d]; at += part.count[d]) {
    part.start[d] = at;
    part.count[d] = std::min(chunk_[d], extents_[d] - at);
    slab.resize(Shape(part.count).count() * element_bytes(type_));
    read_planes(labels, type_, slab);
    write_chunks(file_, output, part, threads_, slab, [](std::size_t, std::size_t) {});
    progress(static_cast<double>(at + part.count[d]) / static_cast<double>(extents_[d]));
  }
}

}  // namespace lucid
