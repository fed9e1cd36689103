#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lucid {

// A message in protobuf's wire format, written field by field. Fields are numbered as the .proto
// file of the message says; a repeated one is added again and again.
class Message {
 public:
  Message& integer(int field, std::int64_t value);  // int32, int64, bool or an enum
  Message& number(int field, double value);
  Message& single(int field, float value);
  Message& text(int field, std::string_view value);  // string or bytes
  Message& message(int field, const Message& value) { return text(field, value.bytes_); }
  Message& numbers(int field, std::span<const double> values);  // packed

  const std::string& bytes() const { return bytes_; }

 private:
  void key(int field, unsigned wire_type);
  void varint(std::uint64_t value);

  std::string bytes_;
};

// Appends the bytes of a number, the lowest first.
void append_little_endian(std::string& bytes, std::uint32_t value);
void append_little_endian(std::string& bytes, std::uint64_t value);

}  // namespace lucid
