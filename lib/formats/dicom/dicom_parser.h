#pragma once
// Private to this room.

#include <filesystem>
#include <string>

#include "base/file.h"
#include "formats/dicom/dicom_elements.h"

namespace lucid {

// Returns true for the tags whose values are kept.
bool is_wanted(DicomTag tag);

// Walks through the elements of a file. It starts with explicit little-endian ones. Throws
// Error(kData) "FILE: element (gggg,eeee) at byte N: ...".
class DicomParser {
 public:
  DicomParser(const std::filesystem::path& path, std::uint64_t begin);

  void set_syntax(const DicomSyntax& syntax) { syntax_ = syntax; }
  bool is_at_end() const { return at_ >= file_.size(); }
  int next_group();  // of the next element; -1 at the end
  // Keeps the value of a wanted element and skips others, with all that they hold. Of the pixels it
  // keeps where they are.
  void read_element(DicomElements& elements);

 private:
  struct Head {
    std::uint32_t tag = 0, length = 0;
    bool is_sequence = false, is_unknown = false;
  };

  [[noreturn]] void refuse(const std::string& message) const;
  std::uint16_t number16();
  std::uint32_t number32();
  std::string bytes(std::size_t count);
  Head head();
  void skip(std::uint64_t count);
  void skip_items(int depth);
  void skip_elements(int depth);
  void skip_value(const Head& head, int depth);

  InputFile file_;
  std::string place_;
  std::uint64_t at_;
  std::uint64_t element_at_ = 0;
  std::uint32_t tag_ = 0;
  DicomSyntax syntax_;
};

}  // namespace lucid
