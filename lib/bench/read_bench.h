#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace lucid {

struct ReadOptions {
  std::filesystem::path file;
  std::string dataset;
  std::optional<std::filesystem::path> zarr =
      {};           // an array of the same elements, to read beside it
  int threads = 1;  // the maximum
  std::int64_t repeats = 3;
};

// The speed of reading a dataset slab by slab from the page cache.
struct ReadFigures {
  struct Reader {
    std::string name;  // "H5Dread", "lucid", "lucid, zarr"
    int threads;
    double seconds;  // median
  };

  std::string place, shape, type, storage;
  std::size_t stored_bytes = 0, decoded_bytes = 0, slab_bytes = 0;
  std::vector<Reader> readers;  // H5Dread first
};

// Throws Error(kData) if the readers read different elements.
ReadFigures measure_reads(const ReadOptions& options);

std::string read_table(const ReadFigures& figures);
Json read_json(const ReadFigures& figures);

}  // namespace lucid
