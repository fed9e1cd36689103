#include "infer/volume/volume_output.h"

#include "base/text.h"
#include "formats/open/open_volume.h"
#include "formats/readers/nrrd_write.h"
#include "formats/writers/metaimage_write.h"
#include "formats/writers/tiff_write.h"
#include "formats/writers/unfinished_store.h"
#include "formats/writers/zarr_write.h"
#include "formats/zarr/zarr_path.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// The formats of outputs, by the ends of names.
enum class VolumeFormat { kNifti, kNrrd, kMetaImage, kTiff, kZarr };

std::optional<VolumeFormat> format_of(const fs::path& path) {
  const std::string extension = volume_extension(path);
  if (extension == ".nii" || extension == ".nii.gz") return VolumeFormat::kNifti;
  if (extension == ".nrrd") return VolumeFormat::kNrrd;
  if (extension == ".mha") return VolumeFormat::kMetaImage;
  if (extension == ".tif" || extension == ".tiff") return VolumeFormat::kTiff;
  if (extension.ends_with(".zarr") && is_zarr_store(path)) return VolumeFormat::kZarr;
  return std::nullopt;
}

bool is_nifti(const fs::path& path) { return format_of(path) == VolumeFormat::kNifti; }

}  // namespace

bool is_volume_output(const fs::path& path) {
  if (volume_extension(path).empty()) return false;
  if (format_of(path)) return true;
  throw Error(ExitCode::kUsage,
              path.string() +
                  ": expected a name that ends in .h5, .nii, .nii.gz, .nrrd, .mha, .tif or .zarr");
}

bool is_tiff_output(const fs::path& path) { return format_of(path) == VolumeFormat::kTiff; }

bool keeps_place_of_patient_only(const fs::path& path) {
  return is_nifti(path) || format_of(path) == VolumeFormat::kMetaImage;
}

bool is_zarr_output(const fs::path& path) { return format_of(path) == VolumeFormat::kZarr; }

void add_output(CommandFiles& files, const OutputFile& output, const std::string& what) {
  if (!is_zarr_output(output.path)) return files.writes(output, what);
  check_store_output(output);
  files.writes_folder(output, what);
}

OutputType label_output_type(std::int64_t classes) {
  if (classes < 256) return OutputType::kUint8;
  return classes < 65536 ? OutputType::kUint16 : OutputType::kInt32;
}

void check_volume_output(const fs::path& path, const OutputFormat& format) {
  const bool has_type = format.element().has_value();
  if (has_type && (format.scale() == 1 || is_nifti(path))) return;
  throw Error(ExitCode::kUsage, "--output-type: " + path.string() + " cannot hold " +
                                    (has_type ? "uint8 that mean shares of 255" : "float16") +
                                    "; choose float32, or a name that ends in .h5");
}

void write_volume_image(const fs::path& file, const fs::path& named, const VolumeImage& image,
                        const OutputFormat& format, const FillElements& fill) {
  std::vector<std::int64_t> extents(image.extents.begin(), image.extents.end());
  const std::int64_t time = 1;
  if (image.channels > 0 && is_nifti(named)) extents.insert(extents.begin(), time);
  if (image.channels > 0) extents.insert(extents.begin(), image.channels);
  switch (format_of(named).value()) {
    case VolumeFormat::kNifti:
      return write_nifti_data(file, named, *format.element(), extents, image.geometry, fill,
                              {format.scale(), 0});
    case VolumeFormat::kNrrd:
      return write_nrrd_data(file, named, *format.element(), extents, image.geometry, fill);
    case VolumeFormat::kMetaImage:
      return write_metaimage_data(file, named, *format.element(), extents, image.geometry, fill);
    case VolumeFormat::kZarr:
      return write_zarr_data(file, named, *format.element(), extents, image.geometry,
                             image.channels > 0 ? ZarrContent::kValues : ZarrContent::kLabels,
                             fill);
    case VolumeFormat::kTiff:
      return write_tiff_data(file, named, *format.element(), extents, image.geometry, fill);
  }
}

}  // namespace lucid
