#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "formats/readers/volume_file.h"

namespace lucid {

// The header of a NIfTI file, and where its voxels begin.
struct NiftiHeader {
  VolumeHeader volume;  // w runs fastest: dhw, or cdhw of a fourth axis (time, modality)
  std::uint64_t voxels_at = 0;
};

constexpr std::size_t kNifti1Bytes = 348, kNifti2Bytes = 540;

// How many bytes a header has that begins with these four; 0 where it is none of NIfTI's.
std::size_t nifti_header_bytes(std::span<const std::byte> begin);

// Whether voxels follow the header, or lie in a file of their own: also those of Analyze 7.5, which
// says nothing of scaling and orientation that tools agree on.
enum class NiftiForm { kOneFile, kPair };

// Of NIfTI-1 or NIfTI-2, either byte order. Throws Error(kData).
NiftiHeader parse_nifti_header(std::span<const std::byte> bytes, NiftiForm form,
                               const std::string& place);

// Header, four bytes that say "no extensions", and nothing more: the voxels follow. NIfTI-1, or
// NIfTI-2 where an extent needs it. `extents` are dhw, or cdhw.
std::vector<std::byte> nifti_header(ElementType type, const std::vector<std::int64_t>& extents,
                                    const Geometry& geometry);

}  // namespace lucid
