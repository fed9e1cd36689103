#include "formats/writers/tiff_directory.h"

#include <bit>
#include <cstring>

namespace lucid {
namespace {

template <class T>
std::string native(T value) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

constexpr std::uint16_t kLong8 = 16;

}  // namespace

std::string tiff_header(TiffForm form, std::uint64_t first_directory) {
  const std::string order = std::endian::native == std::endian::little ? "II" : "MM";
  if (form == TiffForm::kClassic)
    return order + native(std::uint16_t{42}) + native(static_cast<std::uint32_t>(first_directory));
  return order + native(std::uint16_t{43}) + native(std::uint16_t{8}) + native(std::uint16_t{0}) +
         native(first_directory);
}

std::string TiffDirectories::number(std::uint64_t value) const {
  return form_ == TiffForm::kBig ? native(value) : native(static_cast<std::uint32_t>(value));
}

void TiffDirectories::add(std::uint16_t tag, TiffType type,
                          const std::vector<std::uint64_t>& values) {
  const bool is_wide = type == TiffType::kOffset && form_ == TiffForm::kBig;
  const bool is_offset = type == TiffType::kOffset;
  Entry entry{tag, static_cast<std::uint16_t>(is_offset ? TiffType::kLong : type), values.size(),
              ""};
  if (is_wide) entry.type = kLong8;
  if (type == TiffType::kRational) entry.count /= 2;
  for (const std::uint64_t value : values)
    entry.values += type == TiffType::kShort ? native(static_cast<std::uint16_t>(value))
                    : is_wide                ? native(value)
                                             : native(static_cast<std::uint32_t>(value));
  entries_.push_back(std::move(entry));
}

void TiffDirectories::add(std::uint16_t tag, std::string_view text) {
  entries_.push_back({tag, static_cast<std::uint16_t>(TiffType::kText), text.size() + 1,
                      std::string(text) + '\0'});
}

// Values that do not fit an entry lie before the directory.
void TiffDirectories::end_page() {
  const std::size_t width = form_ == TiffForm::kBig ? 8 : 4;
  std::string directory = form_ == TiffForm::kBig
                              ? native(std::uint64_t{entries_.size()})
                              : native(static_cast<std::uint16_t>(entries_.size()));
  for (Entry& entry : entries_) {
    if (entry.values.size() > width) {
      const std::uint64_t at = begin_ + text_.size();
      text_ += entry.values;
      text_.resize((text_.size() + 7) / 8 * 8);
      entry.values = number(at);
    }
    entry.values.resize(width);
    directory += native(entry.tag) + native(entry.type) + number(entry.count) + entry.values;
  }
  const std::uint64_t offset = begin_ + text_.size();
  if (first_ == 0)
    first_ = offset;
  else
    text_.replace(next_at_, width, number(offset));
  next_at_ = text_.size() + directory.size();
  text_ += directory + number(0);
  text_.resize((text_.size() + 7) / 8 * 8);
  entries_.clear();
}

}  // namespace lucid
