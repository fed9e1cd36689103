#include "formats/writers/zarr_write.h"

#include <algorithm>
#include <bit>
#include <memory>

#include "base/machine/cores.h"
#include "formats/writers/output_stream.h"
#include "formats/writers/zarr_codec.h"
#include "formats/writers/zarr_level.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOmeVersion = "0.4";
constexpr std::int64_t kZarrSlabBytes = std::int64_t{64} << 20, kMostDepth = 64, kChunkSide = 128;

// An even depth, or all of it: planes are halved within a slab.
Triple zarr_chunk(ElementType type, const Triple& extents) {
  const std::int64_t plane =
      extents[1] * extents[2] * static_cast<std::int64_t>(element_bytes(type));
  const std::int64_t depth = std::clamp<std::int64_t>(kZarrSlabBytes / plane, 2, kMostDepth);
  return {depth / 2 * 2, kChunkSide, kChunkSide};
}

std::string zarr_type(ElementType type) {
  const std::size_t bytes = element_bytes(type);
  const bool is_signed = with_element(type, [](auto e) { return std::is_signed_v<decltype(e)>; });
  const std::string order = bytes == 1                                   ? "|"
                            : std::endian::native == std::endian::little ? "<"
                                                                         : ">";
  return order + (!is_integer(type) ? "f" : is_signed ? "i" : "u") + std::to_string(bytes);
}

Json matrix_json(const Affine& affine) {
  Json rows = Json::array();
  for (std::size_t row = 0; row < 4; ++row)
    rows.push_back(
        {affine[4 * row], affine[4 * row + 1], affine[4 * row + 2], affine[4 * row + 3]});
  return rows;
}

// The whole geometry, in the words of the attributes of HDF5 files.
Json geometry_json(const Geometry& geometry) {
  Json json{{"voxel_size_mm", geometry.voxel_size},
            {"affine", matrix_json(geometry.affine)},
            {"sform_code", geometry.sform_code},
            {"qform_code", geometry.qform_code}};
  if (geometry.qform) json["qform"] = matrix_json(*geometry.qform);
  return json;
}

// The place of the first voxel along an axis of the volume, in mm. Where the axes are those of the
// patient it is a row of the affine, and volumes with the same axes lie to each other as they
// should.
double origin_along(const Geometry& geometry, std::size_t axis) {
  const Affine& a = geometry.affine;
  const std::size_t column = 2 - axis;
  const double length = voxel_size_of(a)[axis];
  double along = 0;
  for (std::size_t row = 0; row < 3; ++row)
    along += a[4 * row + 3] * (a[4 * row + column] / length);
  return along;
}

class ZarrImage {
 public:
  ZarrImage(const fs::path& folder, const fs::path& named, ElementType type,
            const std::vector<std::int64_t>& extents, const Geometry& geometry, ZarrContent content)
      : geometry_(geometry),
        content_(content),
        channels_(extents.size() == 4 ? extents.front() : 1),
        files_{folder,
               named,
               type,
               extents.size() == 4,
               {},
               content == ZarrContent::kLabels ? VoxelReduction::kFirst : VoxelReduction::kMean,
               usable_cores()} {
    const std::size_t d = extents.size() - 3;
    const Triple space{extents[d], extents[d + 1], extents[d + 2]};
    files_.chunk = zarr_chunk(type, space);
    pyramid_ = pyramid_levels(space, geometry.voxel_size);
    for (std::size_t i = pyramid_.size(); i-- > 0;) {
      Triple step{1, 1, 1};
      for (std::size_t axis = 0; axis < 3 && i + 1 < pyramid_.size(); ++axis)
        step[axis] = pyramid_[i + 1].step[axis] / pyramid_[i].step[axis];
      ZarrLevel* const below = levels_.empty() ? nullptr : levels_.front().get();
      levels_.insert(
          levels_.begin(),
          std::make_unique<ZarrLevel>(files_, std::to_string(i), pyramid_[i].extents, below, step));
    }
  }

  void write_elements(const FillElements& fill) {
    ZarrLevel& whole = *levels_.front();
    const auto bytes = static_cast<std::int64_t>(element_bytes(files_.type));
    const std::int64_t planes = channels_ * whole.extents()[0];
    for (std::int64_t at = 0; at < planes;) {
      const std::span<std::byte> out = whole.room();
      fill(at * (whole.plane_bytes() / bytes), out);
      const std::int64_t filled = std::ssize(out) / whole.plane_bytes();
      whole.advance(filled);
      at += filled;
    }
  }

  void write_metadata() const {
    for (std::size_t i = 0; i < levels_.size(); ++i)
      write_json(std::to_string(i) + "/.zarray", array_json(*levels_[i]));
    write_json(".zattrs", attributes());
    write_json(".zgroup", {{"zarr_format", 2}});
  }

 private:
  void write_json(const std::string& name, const Json& json) const {
    OutputStream file(files_.folder / name, files_.named);
    file.write(json_text(json, 2) + "\n");
    file.close();
  }

  Json array_json(const ZarrLevel& level) const {
    std::vector<std::int64_t> shape(level.extents().begin(), level.extents().end()),
        chunks(level.chunk().begin(), level.chunk().end());
    if (files_.has_channels) {
      shape.insert(shape.begin(), channels_);
      chunks.insert(chunks.begin(), 1);
    }
    return {{"zarr_format", 2},
            {"shape", shape},
            {"chunks", chunks},
            {"dtype", zarr_type(files_.type)},
            {"compressor", zarr_compressor()},
            {"fill_value", 0},
            {"order", "C"},
            {"filters", nullptr},
            {"dimension_separator", "/"}};
  }

  Json attributes() const {
    const bool are_labels = content_ == ZarrContent::kLabels;
    Json axes = Json::array(), datasets = Json::array();
    if (files_.has_channels) axes.push_back({{"name", "c"}, {"type", "channel"}});
    for (const char* name : {"z", "y", "x"})
      axes.push_back({{"name", name}, {"type", "space"}, {"unit", "millimeter"}});
    for (std::size_t i = 0; i < pyramid_.size(); ++i)
      datasets.push_back({{"path", std::to_string(i)},
                          {"coordinateTransformations", transformations(pyramid_[i].step)}});
    const Json image{{"version", kOmeVersion},
                     {"name", files_.named.stem().string()},
                     {"axes", axes},
                     {"datasets", datasets},
                     {"type", are_labels ? "nearest" : "mean"}};
    Json json;
    json["multiscales"] = Json::array({image});
    if (are_labels && is_integer(files_.type)) json["image-label"] = {{"version", kOmeVersion}};
    json["lucid"] = geometry_json(geometry_);
    return json;
  }

  // A mean lies between the voxels that it is made of; a voxel that is left stays where it was.
  Json transformations(const Triple& step) const {
    std::vector<double> scale, translation;
    if (files_.has_channels) {
      scale.push_back(1);
      translation.push_back(0);
    }
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const auto voxels = static_cast<double>(step[axis]);
      const double shift = files_.reduction == VoxelReduction::kMean ? (voxels - 1) / 2 : 0;
      scale.push_back(geometry_.voxel_size[axis] * voxels);
      translation.push_back(origin_along(geometry_, axis) + shift * geometry_.voxel_size[axis]);
    }
    return Json::array({{{"type", "scale"}, {"scale", scale}},
                        {{"type", "translation"}, {"translation", translation}}});
  }

  Geometry geometry_;
  ZarrContent content_;
  std::int64_t channels_;
  ZarrImageFiles files_;
  std::vector<PyramidLevel> pyramid_;
  std::vector<std::unique_ptr<ZarrLevel>> levels_;
};

}  // namespace

void write_zarr_data(const fs::path& folder, const fs::path& named, ElementType type,
                     const std::vector<std::int64_t>& extents, const Geometry& geometry,
                     ZarrContent content, const FillElements& fill) {
  ZarrImage image(folder, named, type, extents, geometry, content);
  image.write_elements(fill);
  image.write_metadata();
}

}  // namespace lucid
