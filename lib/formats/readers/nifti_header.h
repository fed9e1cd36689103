#pragma once
// Private to this room.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "formats/readers/nifti.h"

namespace lucid {

// The header of a NIfTI file, and the offset of its voxels.
struct NiftiHeader {
  VolumeHeader volume;  // dhw, or cdhw with a fourth axis (time, modality); w is contiguous
  std::uint64_t voxels_at = 0;
};

constexpr std::size_t kNifti1Bytes = 348, kNifti2Bytes = 540;

// Returns the size of a header that begins with these four bytes; 0 if it is not NIfTI.
std::size_t nifti_header_bytes(std::span<const std::byte> begin);

// Voxels follow the header or lie in a file of their own. The latter includes Analyze 7.5, whose
// scaling and orientation are not standardized.
enum class NiftiForm { kOneFile, kPair };

// Parses NIfTI-1 or NIfTI-2 in either byte order. Throws Error(kData).
NiftiHeader parse_nifti_header(std::span<const std::byte> bytes, NiftiForm form,
                               const std::string& place);

// Returns the header and four bytes for "no extensions"; voxels follow. Writes NIfTI-1, or NIfTI-2
// if an extent needs it. `extents` are dhw or cdhw.
std::vector<std::byte> nifti_header(ElementType type, const std::vector<std::int64_t>& extents,
                                    const Geometry& geometry, const NiftiScaling& scaling);

}  // namespace lucid
