#pragma once

#include <functional>
#include <string>

#include "data/hdf5/write.h"

namespace lucid {

// Reports progress; may throw to cancel.
using Advance = std::function<void(std::size_t done, std::size_t total)>;

struct ChunkedOutput {
  std::string path;
  ElementType type;
  Shape shape;
  hdf5::Storage storage;  // has to be chunked
};

// Provides the elements of a region; called from any thread.
using FillRegion = std::function<void(const hdf5::Region&, std::span<std::byte>)>;

// Creates the dataset and fills it with fill(), which is called once for every chunk from up to
// `threads` threads; these also compress. Chunks are written in order, so the file does not depend
// on the number of threads. Progress counts bytes.
void write_in_chunks(hdf5::Writer& file, const ChunkedOutput& output, int threads,
                     const FillRegion& fill, const Advance& advance);

// Writes a part, made of whole chunks, of a dataset that exists.
void write_chunks(hdf5::Writer& file, const ChunkedOutput& output, const hdf5::Region& part,
                  int threads, const FillRegion& fill, const Advance& advance);

// Writes the same from memory; `values` holds the elements of the part.
void write_chunks(hdf5::Writer& file, const ChunkedOutput& output, const hdf5::Region& part,
                  int threads, std::span<const std::byte> values, const Advance& advance);

}  // namespace lucid
