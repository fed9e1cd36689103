#include "store/checkpoint_writer.h"

#include <algorithm>

#include "store/seal.h"

namespace lucid {

void CheckpointWriter::write(const std::string& name, const Shape& shape,
                             std::span<const float> values) {
  constexpr std::size_t kChunkElements = std::size_t{1} << 22;
  const auto rows = static_cast<std::int64_t>(kChunkElements / shape.without_first().count());
  writer_.write<float>(name, shape, values,
                       {.rows_per_chunk = std::max<std::int64_t>(rows, 1), .has_checksums = true});
  digest_.add_array(name, shape, values);
}

std::vector<std::byte> CheckpointWriter::image() {
  writer_.set_attribute("/", kDigest, digest_.text());
  std::vector<std::byte> bytes = writer_.image();
  const std::string seal = seal_of(bytes);
  const auto more = std::as_bytes(std::span(seal));
  bytes.insert(bytes.end(), more.begin(), more.end());
  return bytes;
}

}  // namespace lucid
