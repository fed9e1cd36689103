#include "formats/readers/nrrd.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "formats/readers/nrrd_header.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

struct Header {
  NrrdFields fields;
  std::uint64_t bytes = 0;  // size of the header if data follow in the same file
};

bool is_list(const std::string& name) { return name == "LIST" || name.starts_with("LIST "); }

Header read_header(const fs::path& path, const std::string& place) {
  const std::unique_ptr<ByteStream> bytes = open_bytes(path, 0);
  Header header;
  const auto magic = read_line(*bytes, header.bytes, place);
  if (!magic || !magic->starts_with("NRRD"))
    throw Error(ExitCode::kData, place + ": expected a NRRD file, found another beginning");
  if (magic->size() != 8 || !magic->starts_with("NRRD000") || (*magic)[7] < '1' ||
      (*magic)[7] > '5')
    throw Error(ExitCode::kData,
                place + ": expected the version NRRD0001 to NRRD0005, found " + in_quotes(*magic));
  while (const auto line = read_line(*bytes, header.bytes, place)) {
    if (line->empty()) break;
    read_nrrd_line(*line, header.fields, place);
    // The names of a list follow as lines of their own.
    if (is_list(nrrd::optional_field(header.fields, "data file").value_or(""))) break;
  }
  return header;
}

fs::path data_file(const fs::path& header, const std::string& name, const std::string& place) {
  const bool is_pattern = name.find('%') != std::string::npos && words_of(name).size() >= 4;
  if (is_list(name) || is_pattern)
    fail(place, "data file: expected one file, found a list of them; unu save -f nrrd writes one");
  return data_file_beside(header, name, "data file", place);
}

// Opens the data as stored, possibly compressed.
std::unique_ptr<ByteStream> open_numbers(const fs::path& path, const Header& header,
                                         const std::string& place) {
  const auto name = nrrd::optional_field(header.fields, "data file");
  return name ? open_bytes(data_file(path, *name, place), 0) : open_bytes(path, header.bytes);
}

void skip_lines(ByteStream& bytes, std::int64_t count, const std::string& place) {
  std::uint64_t used = 0;
  for (std::int64_t i = 0; i < count; ++i)
    if (!read_line(bytes, used, place))
      throw Error(ExitCode::kData, place + ": line skip: expected " + std::to_string(count) +
                                       " lines, found " + std::to_string(i));
}

}  // namespace

std::optional<fs::path> nrrd_data_file(const fs::path& path) {
  const std::string place = path.string();
  const Header header = read_header(path, place);
  const auto name = nrrd::optional_field(header.fields, "data file");
  if (!name) return std::nullopt;
  return data_file(path, *name, place);
}

VolumeFile open_nrrd(const fs::path& path) {
  const std::string place = path.string();
  Header header = read_header(path, place);
  VolumeHeader volume = nrrd_volume(header.fields, place);
  const std::string encoding = lower(nrrd::field(header.fields, "encoding", place));
  const bool is_gzip = encoding == "gzip" || encoding == "gz";
  if (!is_gzip && encoding != "raw")
    fail(place, "encoding: expected raw or gzip, found " + in_quotes(encoding) +
                    "; unu save -e gzip -f nrrd converts");
  const std::int64_t skip = nrrd_number(header.fields, "byte skip", -1, place).value_or(0);
  if (skip == -1 && is_gzip)
    fail(place, "byte skip: expected 0 or more beside the encoding gzip, found -1");
  std::unique_ptr<ByteStream> bytes = open_numbers(path, header, place);
  skip_lines(*bytes, nrrd_number(header.fields, "line skip", 0, place).value_or(0), place);
  if (is_gzip) bytes = inflated(std::move(bytes), place);
  if (skip > 0) skip_exactly(*bytes, static_cast<std::uint64_t>(skip), place, "byte skip");
  if (skip == -1) {  // the data are the last bytes of the file
    std::uint64_t size = element_bytes(volume.coding.stored);
    for (const std::int64_t extent : volume.extents) size *= static_cast<std::uint64_t>(extent);
    if (bytes->most_left() > size)
      skip_exactly(*bytes, bytes->most_left() - size, place, "byte skip");
  }
  return {std::move(volume), std::move(bytes), place};
}

}  // namespace lucid
