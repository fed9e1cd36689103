#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"

namespace lucid {

struct ReadOptions {
  std::filesystem::path file;
  std::string dataset;
  int threads = 1;  // at most
  std::int64_t repeats = 3;
};

// How fast a dataset is read slab by slab, once it is in the system's cache of files.
struct ReadFigures {
  struct Reader {
    std::string name;  // "H5Dread", "lucid"
    int threads;
    double seconds;  // median
  };

  std::string place, shape, type, storage;
  std::size_t stored_bytes = 0, decoded_bytes = 0, slab_bytes = 0;
  std::vector<Reader> readers;  // H5Dread first
};

// Throws Error(kData) where HDF5 reads other numbers than we do.
ReadFigures measure_reads(const ReadOptions& options);

std::string read_table(const ReadFigures& figures);
Json read_json(const ReadFigures& figures);

}  // namespace lucid
