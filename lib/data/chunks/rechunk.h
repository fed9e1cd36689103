#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/unfinished_file.h"
#include "data/chunks/writer.h"

namespace lucid {

struct RechunkOptions {
  std::optional<Triple> chunk;  // along d, h, w; by default one near the patch
  Triple patch{64, 64, 64};
  int deflate = 4;                                    // 0: no compression
  bool is_shuffled = true;                            // deflated elements of more than a byte
  std::size_t memory_bytes = std::size_t{512} << 20;  // for buffers, approximately
  int threads = 1;
};

struct RechunkedDataset {
  std::string path, before, after;  // how it was and is stored
  std::uint64_t bytes_before = 0, bytes_after = 0;
};

struct RechunkResult {
  std::vector<RechunkedDataset> datasets;
  std::vector<std::string> left_out;  // attributes that could not be copied
};

// Returns a chunk of 1 to 6 MiB, if the volume is that large: the patch doubled or halved along
// some axes.
Triple chunk_near(const Triple& patch, const Triple& volume, std::size_t element_bytes);

// Copies an HDF5 file. Numeric datasets of three axes or more are stored in new chunks, read back
// and compared. The output gets its name only when that is done. Throws Error.
RechunkResult rechunk(const std::filesystem::path& from, const OutputFile& to,
                      const RechunkOptions& options, const Advance& advance);

}  // namespace lucid
