#include "base/error.h"
#include "base/machine/module.h"
#include "base/text.h"
#include "formats/dicom/decoder_process.h"
#include "formats/dicom/dicom_frame.h"
#include "formats/dicom/gdcm_module.h"

namespace lucid {
namespace {

const GdcmModule& open_gdcm(const std::filesystem::path& file) {
  const OpenedModule opened = open_module(module_file(kGdcmFile), kGdcmEntry);
  if (opened.entry == nullptr)
    throw Error(ExitCode::kUsage, file.string() + ": its pixels are compressed, and " + kGdcmFile +
                                      ", which decodes them, " + opened.problem +
                                      "; install libgdcm-dev and build lucid again");
  return *reinterpret_cast<OpenGdcm>(opened.entry)();
}

const GdcmModule& gdcm(const std::filesystem::path& file) {
  static const GdcmModule& module = open_gdcm(file);
  return module;
}

}  // namespace

void decode_frame(const DicomImage& image, const std::vector<std::vector<char>>& fragments,
                  std::span<std::byte> out) {
  const GdcmModule& module = gdcm(image.path);
  // GDCM knows more syntaxes than these, of which none holds the slices of a volume.
  if (!module.knows(image.syntax.uid))
    fail(image.path.string(),
         "TransferSyntaxUID: expected a compression that GDCM decodes, found " +
             in_quotes(image.syntax.uid));
  const bool is_decoded = decode_apart(out, [&](std::span<std::byte> frame) {
    return module.decode(image.syntax.uid, image.pixels, fragments, frame);
  });
  if (!is_decoded)
    fail(image.path.string(),
         "PixelData: the compressed frame cannot be decoded; it is damaged or of a kind that GDCM "
         "does not know");
}

}  // namespace lucid
