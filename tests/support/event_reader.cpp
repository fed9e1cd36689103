#include "support/event_reader.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "support/temp_dir.h"

namespace lucid::test {
namespace {

namespace fs = std::filesystem;

// Reads a message from front to back.
class Wire {
 public:
  explicit Wire(const std::string& bytes) : bytes_(bytes) {}

  bool is_at_end() const { return at_ == bytes_.size(); }
  std::string take(std::uint64_t length) {
    if (length > bytes_.size() - at_) throw std::runtime_error("a message is cut off");
    at_ += length;
    return bytes_.substr(at_ - length, length);
  }
  std::uint64_t fixed(std::size_t length) {
    const std::string taken = take(length);
    std::uint64_t value = 0;
    for (std::size_t i = length; i-- > 0;)
      value = value << 8 | static_cast<unsigned char>(taken[i]);
    return value;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      const std::uint64_t byte = fixed(1);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw std::runtime_error("a number is too long");
  }

 private:
  const std::string& bytes_;
  std::size_t at_ = 0;
};

std::uint32_t unmasked(std::uint32_t crc) {
  const std::uint32_t turned = crc - 0xa282ead8U;
  return turned << 15 | turned >> 17;
}

void check_crc(const std::string& bytes, std::uint64_t masked) {
  if (slow_crc32c(bytes) != unmasked(static_cast<std::uint32_t>(masked)))
    throw std::runtime_error("a checksum is wrong");
}

EventValue value_of(std::int64_t step, const std::string& message) {
  EventValue value{.step = step};
  for (const WireField& field : wire_fields(message)) {
    if (field.number == 1) value.tag = field.bytes;
    if (field.number == 2) value.scalar = field.as_float();
    if (field.number == 4) value.image = field.bytes;
    if (field.number == 5) value.histogram = field.bytes;
    if (field.number == 9) value.metadata = field.bytes;
  }
  return value;
}

}  // namespace

double WireField::as_double() const {
  double result = 0;
  std::memcpy(&result, &value, sizeof result);
  return result;
}

float WireField::as_float() const {
  const auto low = static_cast<std::uint32_t>(value);
  float result = 0;
  std::memcpy(&result, &low, sizeof result);
  return result;
}

std::vector<WireField> wire_fields(const std::string& message) {
  std::vector<WireField> fields;
  for (Wire wire(message); !wire.is_at_end();) {
    const std::uint64_t key = wire.varint();
    WireField field{.number = static_cast<int>(key >> 3)};
    switch (key & 7) {
      case 0:
        field.value = wire.varint();
        break;
      case 1:
        field.value = wire.fixed(8);
        break;
      case 2:
        field.bytes = wire.take(wire.varint());
        break;
      case 5:
        field.value = wire.fixed(4);
        break;
      default:
        throw std::runtime_error("a type of the wire is not known");
    }
    fields.push_back(std::move(field));
  }
  return fields;
}

WireField wire_field(const std::string& message, int number) {
  for (const WireField& field : wire_fields(message))
    if (field.number == number) return field;
  throw std::runtime_error("no field " + std::to_string(number));
}

std::vector<double> packed_doubles(const std::string& bytes) {
  std::vector<double> numbers;
  for (Wire wire(bytes); !wire.is_at_end();)
    numbers.push_back(WireField{.value = wire.fixed(8)}.as_double());
  return numbers;
}

std::uint32_t slow_crc32c(const std::string& bytes) {
  std::uint32_t crc = 0xffffffffU;
  for (const char c : bytes)
    for (unsigned bit = 0; bit < 8; ++bit) {
      const std::uint32_t next = (static_cast<unsigned char>(c) >> bit & 1U) ^ (crc & 1U);
      crc = crc >> 1 ^ (next != 0 ? 0x82f63b78U : 0U);
    }
  return crc ^ 0xffffffffU;
}

std::vector<std::string> records_of(const fs::path& file) {
  std::vector<std::string> records;
  const std::string all = read_text(file);
  for (Wire wire(all); !wire.is_at_end();) try {
      const std::string length = wire.take(8);
      check_crc(length, wire.fixed(4));
      const std::string data = wire.take(Wire(length).fixed(8));
      check_crc(data, wire.fixed(4));
      records.push_back(data);
    } catch (const std::runtime_error& error) {
      if (error.what() == std::string("a message is cut off")) return records;
      throw;
    }
  return records;
}

std::vector<EventValue> kept_values(const fs::path& run) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(run))
    if (entry.path().filename().string().find("tfevents") != std::string::npos)
      files.push_back(entry.path());
  std::ranges::sort(files);
  std::vector<EventValue> kept;
  bool is_started = false;  // the first start is no restart
  for (const fs::path& file : files)
    for (const std::string& record : records_of(file)) {
      const auto step = static_cast<std::int64_t>(wire_field(record, 2).value);
      for (const WireField& field : wire_fields(record)) {
        if (field.number == 7 && is_started)
          std::erase_if(kept, [&](const EventValue& value) { return value.step >= step; });
        if (field.number == 7) is_started = true;
        if (field.number == 5)
          for (const WireField& value : wire_fields(field.bytes))
            kept.push_back(value_of(step, value.bytes));
      }
    }
  return kept;
}

std::map<std::int64_t, float> scalars_of(const std::vector<EventValue>& values,
                                         const std::string& tag) {
  std::map<std::int64_t, float> scalars;
  for (const EventValue& value : values)
    if (value.tag == tag && value.scalar) scalars[value.step] = *value.scalar;
  return scalars;
}

std::map<std::int64_t, EventValue> of_tag(const std::vector<EventValue>& values,
                                          const std::string& tag) {
  std::map<std::int64_t, EventValue> found;
  for (const EventValue& value : values)
    if (value.tag == tag) found[value.step] = value;
  return found;
}

}  // namespace lucid::test
