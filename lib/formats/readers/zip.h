#pragma once
// Private to this room.

#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "formats/readers/byte_stream.h"

struct zip;

namespace lucid {

// A zip archive, opened once for all of its files. One thread at a time.
class ZipArchive {
 public:
  // Throws Error(kUsage) if there is no such file, Error(kData) if it is damaged or holds two files
  // of one name.
  explicit ZipArchive(const std::filesystem::path& path);

  const std::string& place() const { return place_; }
  const std::vector<std::string>& names() const { return names_; }  // in the archive's order

  // Opens a file of the archive, inflated; its checksum is verified at the end. The stream may
  // outlive the archive.
  std::unique_ptr<ByteStream> open(const std::string& name) const;

 private:
  std::string place_;
  std::shared_ptr<zip> archive_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::uint64_t> indices_;
};

}  // namespace lucid
