#include "train/tensorboard/message.h"

#include <doctest/doctest.h>

#include <array>

#include "support/event_reader.h"
#include "train/tensorboard/crc32c.h"

namespace lucid {

TEST_CASE("CRC-32C of texts whose checksums are published") {
  CHECK(crc32c("") == 0);
  CHECK(crc32c("123456789") == 0xe3069283U);
  CHECK(crc32c(std::string(32, '\0')) == 0x8a9136aaU);  // RFC 3720, B.4
  CHECK(crc32c(std::string(32, '\xff')) == 0x62a8ab43U);
  CHECK(crc32c(std::string(32, '\xff')) == test::slow_crc32c(std::string(32, '\xff')));
}

TEST_CASE("a message has the bytes that protobuf's documentation gives") {
  CHECK(Message().integer(1, 150).bytes() == "\x08\x96\x01");
  CHECK(Message().text(2, "testing").bytes() == "\x12\x07testing");
  CHECK(Message().message(3, Message().integer(1, 150)).bytes() == "\x1a\x03\x08\x96\x01");
}

TEST_CASE("numbers of a message read back") {
  const std::array<double, 3> doubles{0.1, -1e300, 0};
  const std::string bytes = Message()
                                .integer(1, -2)
                                .number(2, -0.1)
                                .single(3, 0.1F)
                                .numbers(2000, doubles)
                                .text(5, std::string(300, 'x'))
                                .bytes();
  CHECK(static_cast<std::int64_t>(test::wire_field(bytes, 1).value) == -2);
  CHECK(test::wire_field(bytes, 2).as_double() == -0.1);
  CHECK(test::wire_field(bytes, 3).as_float() == 0.1F);
  CHECK(test::packed_doubles(test::wire_field(bytes, 2000).bytes) ==
        std::vector<double>(doubles.begin(), doubles.end()));
  CHECK(test::wire_field(bytes, 5).bytes == std::string(300, 'x'));
}

}  // namespace lucid
