#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "formats/dicom/dicom_image.h"

namespace lucid {

// What the module of GDCM offers: a shared library, as GDCM takes most of the start of a program
// that is linked with it. It is compiled together with the program that opens it.
struct GdcmModule {
  // Whether GDCM knows the TransferSyntaxUID, though of some it decodes nothing.
  bool (*knows)(const std::string& syntax);
  // Decodes the fragments of a frame to `out`; returns false if they cannot be decoded.
  bool (*decode)(const std::string& syntax, const DicomPixels& pixels,
                 const std::vector<std::vector<char>>& fragments, std::span<std::byte> out);
};

// The name and the type of the function that the module has.
inline constexpr const char* kGdcmFile = "lucid-gdcm.so";
inline constexpr const char* kGdcmEntry = "lucid_open_gdcm";
using OpenGdcm = const GdcmModule* (*)();

}  // namespace lucid
