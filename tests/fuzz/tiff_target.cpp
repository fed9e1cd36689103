#include "fuzz/import.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lucid::fuzz::import_file("volume.tif", data, size);
  return 0;
}
