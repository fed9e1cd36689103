#include "train/tensorboard/message.h"

#include <bit>

namespace lucid {
namespace {

// The types of the wire format.
constexpr unsigned kVarint = 0, kEightBytes = 1, kLengthDelimited = 2, kFourBytes = 5;

template <class Number>
void append(std::string& bytes, Number value) {
  for (std::size_t i = 0; i < sizeof value; ++i)
    bytes += static_cast<char>((value >> (8 * i)) & 0xffU);
}

}  // namespace

void append_little_endian(std::string& bytes, std::uint32_t value) { append(bytes, value); }
void append_little_endian(std::string& bytes, std::uint64_t value) { append(bytes, value); }

Message& Message::integer(int field, std::int64_t value) {
  key(field, kVarint);
  varint(static_cast<std::uint64_t>(value));
  return *this;
}

Message& Message::number(int field, double value) {
  key(field, kEightBytes);
  append_little_endian(bytes_, std::bit_cast<std::uint64_t>(value));
  return *this;
}

Message& Message::single(int field, float value) {
  key(field, kFourBytes);
  append_little_endian(bytes_, std::bit_cast<std::uint32_t>(value));
  return *this;
}

Message& Message::text(int field, std::string_view value) {
  key(field, kLengthDelimited);
  varint(value.size());
  bytes_ += value;
  return *this;
}

Message& Message::numbers(int field, std::span<const double> values) {
  key(field, kLengthDelimited);
  varint(values.size() * sizeof(double));
  for (const double value : values)
    append_little_endian(bytes_, std::bit_cast<std::uint64_t>(value));
  return *this;
}

void Message::key(int field, unsigned wire_type) {
  varint(static_cast<std::uint64_t>(field) << 3U | wire_type);
}

void Message::varint(std::uint64_t value) {
  for (; value >= 0x80U; value >>= 7U) bytes_ += static_cast<char>((value & 0x7fU) | 0x80U);
  bytes_ += static_cast<char>(value);
}

}  // namespace lucid
