#pragma once
// Private to this room.

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "data/hdf5/write.h"
#include "store/digest.h"

namespace lucid {

// Names in a checkpoint: of groups, and of attributes of the root.
inline const std::string kParameters = "parameters", kState = "state";
inline const std::string kVersion = "format_version", kConfig = "config", kDigest = "digest",
                         kRules = "postprocess";

// Makes a checkpoint in memory: attributes and arrays, their checksums, and the seal.
class CheckpointWriter {
 public:
  // The arrays have so many bytes together.
  CheckpointWriter(const std::filesystem::path& path, std::size_t array_bytes)
      : writer_(hdf5::Writer::in_memory(path, array_bytes + kOtherBytes)) {}

  void create_group(const std::string& name) { writer_.create_group(name); }
  template <class T>
  void set_attribute(const std::string& object, const std::string& name, const T& value) {
    writer_.set_attribute(object, name, value);
    digest_.add_attribute(object, name, value);
  }
  void write(const std::string& name, const Shape& shape, std::span<const float> values);
  // Returns the bytes of the file; to be called once.
  std::vector<std::byte> image();

 private:
  static constexpr std::size_t kOtherBytes = std::size_t{8} << 20;  // config, texts, and HDF5's own

  hdf5::Writer writer_;
  Digest digest_;
};

}  // namespace lucid
