#include <doctest/doctest.h>

#include "formats/readers/made_files.h"
#include "formats/readers/numpy.h"
#include "formats/readers/read_volume.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

// Returns an array with this text as its header, of any version.
std::string with_header(const std::string& header, int version = 1) {
  std::string bytes = "\x93NUMPY";
  bytes += static_cast<char>(version);
  bytes += '\0';
  bytes += version == 1 ? bytes_of(static_cast<std::uint16_t>(header.size()))
                        : bytes_of(static_cast<std::uint32_t>(header.size()));
  return bytes + header + "123456";
}

struct NpyFile {
  const TempDir dir;
  std::string error(const std::string& content) const {
    return reading_error(dir.write("a.npy", content));
  }
};

const std::string kPlainHeader = "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2, 3), }";

}  // namespace

TEST_CASE("headers of NumPy read in every version and spelling") {
  const NpyFile read;
  for (const int version : {1, 2, 3}) CHECK(read.error(with_header(kPlainHeader, version)).empty());
  const char* headers[] = {
      "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2, 3)}",
      "{\"descr\": \"|u1\", \"fortran_order\": False, \"shape\": (1, 2, 3)}",
      "{'shape':(1,2,3),'fortran_order':True,'descr':'u1'}     \n",
      "{'shape': (1L, 2L, 3L), 'fortran_order': False, 'descr': '<u1'}",
      "{'x': \"'descr': {(\", 'descr': 'u1', 'fortran_order': True, 'shape': (1, 2, 3)}"};
  for (const char* header : headers) {
    INFO(header);
    CHECK(read.error(with_header(header)).empty());
  }
  CHECK(read.error(with_header(kPlainHeader, 4)) ==
        "3: a.npy: expected an array of NumPy (.npy), found another beginning");
  CHECK(read.error(with_header(kPlainHeader, 0)) ==
        "3: a.npy: expected an array of NumPy (.npy), found another beginning");
}

TEST_CASE("headers of NumPy that are no dictionaries are refused") {
  const NpyFile read;
  for (const char* header :
       {"", "{", "}", "{'descr'", "{'descr': ", "{'descr': '|u1", "{'descr': (1, 2", "[1]",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2, 3), } import os",
        "{'descr': '|u1' 'fortran_order'", "{descr: 1}", "{'a\\", "{'a': \"\\"}) {
    INFO(header);
    CHECK(read.error(with_header(header)) ==
          "3: a.npy: expected a dictionary in the header, found another text");
  }
  CHECK(read.error(with_header("{'descr': '|u1', 'descr': '<f4', 'fortran_order': False}")) ==
        "3: a.npy: duplicate key 'descr' in the header");
  CHECK(read.error(with_header("{'descr': '|u1', 'fortran_order': False}")) ==
        "3: a.npy: expected 'shape' in the header, found none");
  CHECK(read.error(with_header("{'descr': '|u1', 'shape': (1, 2, 3)}")) ==
        "3: a.npy: expected 'fortran_order' in the header, found none");
}

TEST_CASE("a length of NumPy's header that lies is refused") {
  const NpyFile read;
  std::string bytes = with_header(kPlainHeader);
  put(bytes, 8, static_cast<std::uint16_t>(kPlainHeader.size() - 5));
  CHECK(read.error(bytes) == "3: a.npy: expected a dictionary in the header, found another text");
  put(bytes, 8,
      static_cast<std::uint16_t>(kPlainHeader.size() + 3));  // takes voxels for the header
  CHECK(read.error(bytes) == "3: a.npy: expected a dictionary in the header, found another text");
  put(bytes, 8, std::uint16_t{60000});
  CHECK(read.error(bytes) ==
        "3: a.npy: header: expected 60,000 bytes, found 68; the file is cut short");
}

TEST_CASE("types of NumPy that are no real numbers are named whole") {
  const NpyFile read;
  const auto error = [&](const std::string& type) {
    return read.error(
        with_header("{'descr': " + type + ", 'fortran_order': False, 'shape': (1, 2, 3), }"));
  };
  const std::string begin = "3: a.npy: expected integers or floats, found numbers of type ";
  for (const char* type :
       {"'<c8'", "'<c16'", "'<f16'", "'|O'", "'|S5'", "'<U3'", "'|V8'", "'<M8[ns]'", "'<m8'", "'x'",
        "''", "'u3'", "'>'", "[('a', '<f4'), ('b', '<f4', (2,))]",
        "[('shape', '<f4'), ('x:1', '|O')]", "('<f4', (2, 2))", "None"}) {
    INFO(type);
    CHECK(error(type) == begin + type);
  }
  CHECK(error("'\x1b[2J'") == begin + "'\\x1b[2J'");
}

TEST_CASE("scalars, empty arrays and arrays of too few axes are told") {
  const NpyFile read;
  const auto error = [&](const std::string& shape) {
    return read.error(npy("|u1", shape, "123456"));
  };
  CHECK(error("()") == "3: a.npy: expected an array of 3 to 5 axes, found 1");
  CHECK(error("(6,)") == "3: a.npy: expected an array of 3 to 5 axes, found 1");
  CHECK(error("(2, 3)") == "3: a.npy: expected an array of 3 to 5 axes, found 2");
  CHECK(error("(1, 1, 1, 1, 1, 6)") == "3: a.npy: expected an array of 3 to 5 axes, found 6");
  CHECK(error("(2, 0, 3)") == "3: a.npy: expected extents of at least 1, found 2x0x3");
  CHECK(error("(2, -1, 3)") == "3: a.npy: expected extents of at least 1, found 2x-1x3");
  CHECK(error("(1, 1, 6.0)") == "3: a.npy: shape: expected integers, found '6.0'");
  std::string many = "(1";
  for (int i = 0; i < 40; ++i) many += ", 1";
  CHECK(error(many + ")") == "3: a.npy: expected at most 32 axes, found 41");
}

TEST_CASE("an array in Fortran's order reads no more memory than is stored") {
  const TempDir dir;
  // A small archive may declare far more than it holds: the header's size is possible, the data
  // end.
  const std::string array = npy("<f8", "(1000, 1000, 10)", std::string(800, 'x'), "True");
  CHECK(reading_error(dir.write("a.npy", array)) ==
        "3: a.npy: voxels: expected 80,000,000 bytes for 1000x1000x10, found at most 800; the file "
        "is cut short or its header damaged");
}
