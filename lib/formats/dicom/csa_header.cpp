#include "formats/dicom/csa_header.h"

#include <cstdint>

#include "formats/headers/words.h"

namespace lucid {
namespace {

// Reads a header of little-endian integers of 32 bits and texts; past its end all are empty.
class CsaReader {
 public:
  explicit CsaReader(std::string_view bytes) : rest_(bytes) {}

  std::string_view text(std::size_t count) {
    const std::string_view text = rest_.substr(0, count);
    is_short_ = is_short_ || text.size() < count;
    rest_.remove_prefix(text.size());
    return text;
  }
  std::uint32_t number() {
    std::uint32_t value = 0;
    const std::string_view bytes = text(4);
    for (std::size_t i = bytes.size(); i-- > 0;)
      value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
  }
  bool is_short() const { return is_short_; }

 private:
  std::string_view rest_;
  bool is_short_ = false;
};

std::string until_zero(std::string_view text) {
  return trimmed(std::string(text.substr(0, text.find('\0'))));
}

}  // namespace

std::vector<std::string> csa_values(std::string_view header, std::string_view name) {
  constexpr std::size_t kNameBytes = 64, kSkippedBytes = 12;  // of a field: VM, VR, type
  CsaReader reader(header);
  if (reader.text(4) != "SV10") return {};
  reader.text(4);
  const std::uint32_t fields = reader.number();
  reader.number();
  for (std::uint32_t field = 0; field < fields && !reader.is_short(); ++field) {
    const bool is_wanted = until_zero(reader.text(kNameBytes)) == name;
    reader.text(kSkippedBytes);
    const std::uint32_t items = reader.number();
    reader.number();
    std::vector<std::string> values;
    for (std::uint32_t item = 0; item < items && !reader.is_short(); ++item) {
      reader.number();
      const std::uint32_t length = reader.number();
      reader.text(8);
      const std::string value = until_zero(reader.text(length));
      reader.text((4 - length % 4) % 4);
      if (is_wanted && !value.empty()) values.push_back(value);
    }
    if (is_wanted) return values;
  }
  return {};
}

}  // namespace lucid
