#include "infer/volume/volume_output.h"

#include "base/text.h"
#include "formats/open/open_volume.h"
#include "formats/readers/nrrd_write.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

bool is_nrrd(const fs::path& path) { return volume_extension(path) == ".nrrd"; }

}  // namespace

bool is_volume_output(const fs::path& path) {
  const std::string extension = volume_extension(path);
  if (extension.empty()) return false;
  if (extension == ".nii" || extension == ".nii.gz" || extension == ".nrrd") return true;
  throw Error(ExitCode::kUsage,
              path.string() + ": expected a name that ends in .h5, .nii, .nii.gz or .nrrd");
}

OutputType label_output_type(std::int64_t classes) {
  if (classes < 256) return OutputType::kUint8;
  return classes < 65536 ? OutputType::kUint16 : OutputType::kInt32;
}

void check_volume_output(const fs::path& path, const OutputFormat& format) {
  const bool has_type = format.element().has_value();
  if (has_type && !(format.scale() != 1 && is_nrrd(path))) return;
  throw Error(ExitCode::kUsage, "--output-type: " + path.string() + " cannot hold " +
                                    (has_type ? "uint8 that mean shares of 255" : "float16") +
                                    "; choose float32, or a name that ends in .h5");
}

void write_volume_image(const fs::path& file, const fs::path& named, const VolumeImage& image,
                        const OutputFormat& format, const FillElements& fill) {
  std::vector<std::int64_t> extents(image.extents.begin(), image.extents.end());
  const std::int64_t time = 1;
  if (image.channels > 0 && !is_nrrd(named)) extents.insert(extents.begin(), time);
  if (image.channels > 0) extents.insert(extents.begin(), image.channels);
  if (is_nrrd(named))
    write_nrrd_data(file, named, *format.element(), extents, image.geometry, fill);
  else
    write_nifti_data(file, named, *format.element(), extents, image.geometry, fill,
                     {format.scale(), 0});
}

}  // namespace lucid
