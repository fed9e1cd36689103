#include "formats/dicom/dicom_parser.h"

#include <array>
#include <cstdio>
#include <string_view>

#include "base/error.h"
#include "base/text.h"

namespace lucid {
namespace {

constexpr std::uint32_t kUndefined = 0xffffffff;
constexpr std::uint32_t kItem = 0xfffee000, kItemEnd = 0xfffee00d, kSequenceEnd = 0xfffee0dd;
constexpr int kMostDepth = 32;  // of sequences; files have some
// Of a value that is kept: the largest are headers of manufacturers.
constexpr std::uint32_t kMostValueBytes = std::uint32_t{1} << 22;

}  // namespace

DicomParser::DicomParser(const std::filesystem::path& path, std::uint64_t begin)
    : file_(path, "a DICOM file", ExitCode::kData), place_(path.string()), at_(begin) {
  file_.seek(begin);
}

void DicomParser::refuse(const std::string& message) const {
  std::array<char, 16> tag{};
  std::snprintf(tag.data(), tag.size(), "(%04x,%04x)", tag_ >> 16, tag_ & 0xffff);
  fail(place_, std::string("element ") + tag.data() + " at byte " + std::to_string(element_at_) +
                   ": " + message);
}

std::string DicomParser::bytes(std::size_t count) {
  if (count > file_.size() - std::min(at_, file_.size()))
    refuse("expected " + with_thousands(static_cast<std::int64_t>(count)) +
           " bytes, found the end of the file; it is cut short or damaged");
  std::string read(count, '\0');
  if (file_.read(std::as_writable_bytes(std::span(read))) != count)
    refuse("the file became shorter while it was read");
  at_ += count;
  return read;
}

std::uint16_t DicomParser::number16() {
  const std::string read = bytes(2);
  const auto first = static_cast<unsigned char>(read[0]);
  const auto second = static_cast<unsigned char>(read[1]);
  return static_cast<std::uint16_t>(syntax_.is_big_endian ? first * 256 + second
                                                          : second * 256 + first);
}

std::uint32_t DicomParser::number32() {
  const std::uint32_t first = number16(), second = number16();
  return syntax_.is_big_endian ? first << 16 | second : second << 16 | first;
}

int DicomParser::next_group() {
  if (is_at_end()) return -1;
  element_at_ = at_;
  const int group = number16();
  at_ -= 2;
  file_.seek(at_);
  return group;
}

void DicomParser::skip(std::uint64_t count) {
  if (count > file_.size() - std::min(at_, file_.size()))
    refuse("expected " + with_thousands(static_cast<std::int64_t>(count)) +
           " bytes, found the end of the file; it is cut short or damaged");
  at_ += count;
  file_.seek(at_);
}

// Marks of items have no value representation in any syntax.
DicomParser::Head DicomParser::head() {
  constexpr std::array<std::string_view, 13> kLong{"OB", "OD", "OF", "OL", "OV", "OW", "SQ",
                                                   "SV", "UC", "UN", "UR", "UT", "UV"};
  Head head;
  element_at_ = at_;
  const std::uint32_t group = number16();
  head.tag = tag_ = group << 16 | number16();
  if (!syntax_.is_explicit || group == 0xfffe) {
    head.length = number32();
    return head;
  }
  const std::string kind = bytes(2);
  const auto is_letter = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (!is_letter(kind[0]) || !is_letter(kind[1]))
    refuse("expected two letters for the kind of its value, found " + in_quotes(kind));
  const bool is_long = std::ranges::find(kLong, kind) != kLong.end();
  if (is_long) skip(2);
  head.length = is_long ? number32() : number16();
  head.is_sequence = kind == "SQ";
  head.is_unknown = kind == "UN";
  return head;
}

void DicomParser::read_element(DicomElements& elements) {
  const Head element = head();
  const auto tag = static_cast<DicomTag>(element.tag);
  if (tag == DicomTag::kPixels) {
    if (element.length == kUndefined && !syntax_.is_encapsulated)
      refuse("expected pixels of a known length, found none");
    elements.pixels_at = at_;
    elements.pixels_bytes = file_.size() - at_;
    if (element.length != kUndefined) skip(element.length);
    if (element.length != kUndefined) elements.pixels_bytes = element.length;
    return;
  }
  if (element.length == kUndefined || element.is_sequence || !is_wanted(tag))
    return skip_value(element, 0);
  if (element.length > kMostValueBytes)
    refuse("expected at most " + bytes_text(kMostValueBytes) + ", found " +
           with_thousands(element.length) + " bytes");
  elements.values[tag] = bytes(element.length);
}

void DicomParser::skip_value(const Head& element, int depth) {
  if (element.length != kUndefined) return skip(element.length);
  if (depth == kMostDepth)
    refuse("expected sequences at most " + std::to_string(kMostDepth) + " deep, found more");
  // A sequence of unknown kind is coded as in the implicit syntax.
  const DicomSyntax outer = syntax_;
  if (element.is_unknown) syntax_.is_explicit = false;
  skip_items(depth + 1);
  syntax_ = outer;
}

void DicomParser::skip_items(int depth) {
  while (true) {
    const Head item = head();
    if (item.tag == kSequenceEnd) return;
    if (item.tag != kItem) refuse("expected an item of a sequence, found another element");
    if (item.length != kUndefined)
      skip(item.length);
    else
      skip_elements(depth);
  }
}

void DicomParser::skip_elements(int depth) {
  while (true) {
    const Head element = head();
    if (element.tag == kItemEnd) return;
    skip_value(element, depth);
  }
}

}  // namespace lucid
