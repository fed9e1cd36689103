#include <algorithm>
#include <string_view>

#include "fuzz/fuzz.h"
#include "fuzz/import.h"

namespace {

namespace fs = std::filesystem;

// Takes the bytes up to a zero from the front.
std::string_view take_part(std::string_view& bytes) {
  const std::size_t end = std::min(bytes.find('\0'), bytes.size());
  const std::string_view part = bytes.substr(0, end);
  bytes.remove_prefix(std::min(end + 1, bytes.size()));
  return part;
}

}  // namespace

// The first byte is the format, 2 or 3. Then follow the attributes of the image and the metadata of
// its array 0, each with a zero behind it, and the bytes of all its chunks.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes = lucid::fuzz::text_of(data, size);
  if (bytes.empty()) return 0;
  const bool is_v3 = bytes.front() == '3';
  bytes.remove_prefix(1);
  const fs::path store = lucid::fuzz::folder() / (is_v3 ? "v3.zarr" : "v2.zarr");
  for (const char* folder : {"0/0/0/0", "0/c/0/0"}) fs::create_directories(store / folder);
  const auto write = [&](const std::string& name, std::string_view content) {
    lucid::fuzz::write_file(store.filename().string() + "/" + name, content);
  };
  write(is_v3 ? "zarr.json" : ".zattrs", take_part(bytes));
  write(is_v3 ? "0/zarr.json" : "0/.zarray", take_part(bytes));
  for (const char* chunk : {"0/0.0.0", "0/0.0.1", "0/0/0/0/0", "0/c/0/0/0", "0/c/0/0/1"})
    write(chunk, bytes);
  lucid::fuzz::import_path(store);
  return 0;
}
