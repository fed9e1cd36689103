#include <gdcmImage.h>
#include <gdcmSequenceOfFragments.h>

#include "formats/dicom/gdcm_module.h"

namespace lucid {
namespace {

bool knows(const std::string& syntax) {
  return gdcm::TransferSyntax::GetTSType(syntax.c_str()) != gdcm::TransferSyntax::TS_END;
}

gdcm::PixelFormat pixel_format(const DicomPixels& pixels) {
  const auto number = [](int value) { return static_cast<unsigned short>(value); };
  return gdcm::PixelFormat(number(pixels.samples), number(pixels.bits_allocated),
                           number(pixels.bits_stored), number(pixels.high_bit),
                           number(pixels.is_signed ? 1 : 0));
}

bool decode(const std::string& syntax, const DicomPixels& pixels,
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
  image.SetTransferSyntax(gdcm::TransferSyntax(gdcm::TransferSyntax::GetTSType(syntax.c_str())));
  image.SetDataElement(element);
  return image.GetBufferLength() == out.size() &&
         image.GetBuffer(reinterpret_cast<char*>(out.data()));
}

}  // namespace

extern "C" const GdcmModule* lucid_open_gdcm() {
  static const GdcmModule module{knows, decode};
  return &module;
}

}  // namespace lucid
