#pragma once
// Private to this room.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>

namespace lucid {

// A file that is written from front to back; what is known later is put into its place at the end.
// Errors are Error(kFailed) "NAMED: cannot be written: reason".
class OutputStream {
 public:
  OutputStream(const std::filesystem::path& file, const std::filesystem::path& named);

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
  void replace(std::uint64_t at, std::string_view text);
  std::uint64_t size() const { return size_; }  // written so far
  void close();

 private:
  void check() const;

  std::string place_;
  std::ofstream stream_;
  std::uint64_t size_ = 0;
};

}  // namespace lucid
