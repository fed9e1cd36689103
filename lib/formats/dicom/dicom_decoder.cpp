#include <dlfcn.h>

#include "base/error.h"
#include "base/machine/module_file.h"
#include "base/text.h"
#include "formats/dicom/decoder_process.h"
#include "formats/dicom/dicom_frame.h"
#include "formats/dicom/gdcm_module.h"

namespace lucid {
namespace {

const GdcmModule& open_module(const std::string& place) {
  const std::string compressed =
      place + ": its pixels are compressed, and " + kGdcmFile + ", which decodes them, ";
  const std::string remedy = "; install libgdcm-dev and build lucid again";
  const std::filesystem::path file = module_file(kGdcmFile);
  if (!std::filesystem::exists(file))
    throw Error(ExitCode::kUsage, compressed + "is missing: there is no " + file.string() + remedy);
  void* const library = dlopen(file.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr)
    throw Error(ExitCode::kUsage, compressed + "cannot be opened: " + dlerror() + remedy);
  const auto open = reinterpret_cast<OpenGdcm>(dlsym(library, kGdcmEntry));
  if (open == nullptr) throw Error(ExitCode::kFailed, file.string() + ": not of this lucid");
  return *open();
}

const GdcmModule& gdcm(const std::string& place) {
  static const GdcmModule& module = open_module(place);
  return module;
}

}  // namespace

void decode_frame(const DicomImage& image, const std::vector<std::vector<char>>& fragments,
                  std::span<std::byte> out) {
  const GdcmModule& module = gdcm(image.path.string());
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
