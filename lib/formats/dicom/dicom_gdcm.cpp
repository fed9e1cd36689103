#include <gdcmImage.h>
#include <gdcmSequenceOfFragments.h>

#include "base/error.h"
#include "base/text.h"
#include "formats/dicom/decoder_process.h"
#include "formats/dicom/dicom_frame.h"

namespace lucid {
namespace {

// GDCM knows more syntaxes than these, of which none holds the slices of a volume.
gdcm::TransferSyntax known_syntax(const DicomImage& image) {
  const gdcm::TransferSyntax::TSType type =
      gdcm::TransferSyntax::GetTSType(image.syntax.uid.c_str());
  if (type == gdcm::TransferSyntax::TS_END)
    fail(image.path.string(),
         "TransferSyntaxUID: expected a compression that GDCM decodes, found " +
             in_quotes(image.syntax.uid));
  return gdcm::TransferSyntax(type);
}

gdcm::PixelFormat pixel_format(const DicomPixels& pixels) {
  const auto number = [](int value) { return static_cast<unsigned short>(value); };
  return gdcm::PixelFormat(number(pixels.samples), number(pixels.bits_allocated),
                           number(pixels.bits_stored), number(pixels.high_bit),
                           number(pixels.is_signed ? 1 : 0));
}

bool decoded(const DicomPixels& pixels, const gdcm::TransferSyntax& syntax,
             const std::vector<std::vector<char>>& fragments, std::span<std::byte> out) {
  gdcm::SmartPointer<gdcm::SequenceOfFragments> sequence = gdcm::SequenceOfFragments::New();
  for (const std::vector<char>& bytes : fragments) {
    gdcm::Fragment fragment;
    fragment.SetByteValue(bytes.data(), static_cast<std::uint32_t>(bytes.size()));
    sequence->AddFragment(fragment);
  }
  gdcm::DataElement element(gdcm::Tag(0x7fe0, 0x0010));
  element.SetValue(*sequence);
  gdcm::Image image;
  image.SetNumberOfDimensions(2);
  image.SetDimension(0, static_cast<unsigned int>(pixels.columns));
  image.SetDimension(1, static_cast<unsigned int>(pixels.rows));
  image.SetPixelFormat(pixel_format(pixels));
  image.SetPhotometricInterpretation(gdcm::PhotometricInterpretation(
      pixels.samples == 3 ? gdcm::PhotometricInterpretation::RGB
                          : gdcm::PhotometricInterpretation::MONOCHROME2));
  image.SetPlanarConfiguration(pixels.is_planar ? 1 : 0);
  image.SetTransferSyntax(syntax);
  image.SetDataElement(element);
  return image.GetBufferLength() == out.size() &&
         image.GetBuffer(reinterpret_cast<char*>(out.data()));
}

}  // namespace

void decode_frame(const DicomImage& image, const std::vector<std::vector<char>>& fragments,
                  std::span<std::byte> out) {
  const gdcm::TransferSyntax syntax = known_syntax(image);
  const bool is_decoded = decode_apart(out, [&](std::span<std::byte> frame) {
    return decoded(image.pixels, syntax, fragments, frame);
  });
  if (!is_decoded)
    fail(image.path.string(),
         "PixelData: the compressed frame cannot be decoded; it is damaged or of a kind that GDCM "
         "does not know");
}

}  // namespace lucid
