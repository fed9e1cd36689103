#pragma once

#include <functional>
#include <string>

#include "data/hdf5/write.h"

namespace lucid {

// How far something is; it may throw to end it.
using Advance = std::function<void(std::size_t done, std::size_t total)>;

struct ChunkedOutput {
  std::string path;
  ElementType type;
  Shape shape;
  hdf5::Storage storage;  // with chunks
};

// Gives the numbers of a region; called from any thread.
using FillRegion = std::function<void(const hdf5::Region&, std::span<std::byte>)>;

// Makes the dataset and fills it with what fill() gives, called once for every chunk from up to
// `threads` threads, which also compress. Chunks are written in order, so the file does not depend
// on the threads. Done and total are bytes.
void write_in_chunks(hdf5::Writer& file, const ChunkedOutput& output, int threads,
                     const FillRegion& fill, const Advance& advance);

// The same for a part, of whole chunks, of a dataset that was made.
void write_chunks(hdf5::Writer& file, const ChunkedOutput& output, const hdf5::Region& part,
                  int threads, const FillRegion& fill, const Advance& advance);

// ... with numbers in memory, those of the part.
void write_chunks(hdf5::Writer& file, const ChunkedOutput& output, const hdf5::Region& part,
                  int threads, std::span<const std::byte> values, const Advance& advance);

}  // namespace lucid
