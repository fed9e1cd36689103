#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lucid::test {

// A reader of TensorBoard's files that shares no code with their writer.

// A field of a message in protobuf's wire format.
struct WireField {
  int number = 0;
  std::uint64_t value = 0;  // of a number, its bits
  std::string bytes{};      // of what has a length

  double as_double() const;
  float as_float() const;
};
// Throws std::runtime_error for bytes that are no message.
std::vector<WireField> wire_fields(const std::string& message);
// Returns the field of that number, or throws std::runtime_error.
WireField wire_field(const std::string& message, int number);
std::vector<double> packed_doubles(const std::string& bytes);

// Computes a CRC-32C bit by bit.
std::uint32_t slow_crc32c(const std::string& bytes);

// The data of the records of a file. A record that was cut off at its end is left out; throws
// std::runtime_error for a checksum that is wrong.
std::vector<std::string> records_of(const std::filesystem::path& file);

// A value of a summary.
struct EventValue {
  std::int64_t step = 0;
  std::string tag{};
  std::optional<float> scalar{};
  std::string image{}, histogram{}, metadata{};  // messages
  friend bool operator==(const EventValue&, const EventValue&) = default;
};

// The values that TensorBoard keeps of a run: the start of a session drops those of its step and
// later that were read before.
std::vector<EventValue> kept_values(const std::filesystem::path& run);
// The scalars of a tag, by step.
std::map<std::int64_t, float> scalars_of(const std::vector<EventValue>& values,
                                         const std::string& tag);

// The values of a tag, by step.
std::map<std::int64_t, EventValue> of_tag(const std::vector<EventValue>& values,
                                          const std::string& tag);

}  // namespace lucid::test
