#include "formats/readers/nrrd.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "formats/readers/nrrd_header.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostNrrdHeaderBytes = std::size_t{1} << 20;

// Returns the text before the newline; nullopt at the end of the file.
std::optional<std::string> next_line(ByteStream& bytes, std::uint64_t& used,
                                     const std::string& place) {
  std::string line;
  for (std::byte byte; bytes.read({&byte, 1}) == 1;) {
    if (++used > kMostNrrdHeaderBytes)
      throw Error(ExitCode::kData, place + ": expected a header of at most 1 MiB, found more");
    if (byte != std::byte{'\n'}) {
      line += static_cast<char>(byte);
      continue;
    }
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }
  return line.empty() ? std::nullopt : std::optional(line);
}

struct Header {
  NrrdFields fields;
  std::uint64_t bytes = 0;  // size of the header if data follow in the same file
};

Header read_header(const fs::path& path) {
  const std::string place = path.string();
  const std::unique_ptr<ByteStream> bytes = open_bytes(path, 0);
  Header header;
  const auto magic = next_line(*bytes, header.bytes, place);
  if (!magic || !magic->starts_with("NRRD000"))
    throw Error(ExitCode::kData, place + ": expected a NRRD file, found another beginning");
  while (const auto line = next_line(*bytes, header.bytes, place)) {
    if (line->empty()) break;
    read_nrrd_line(*line, header.fields, place);
  }
  return header;
}

// Opens the data as stored, possibly compressed.
std::unique_ptr<ByteStream> open_numbers(const fs::path& path, const Header& header) {
  const auto file = header.fields.find("data file");
  if (file == header.fields.end()) return open_bytes(path, header.bytes);
  const std::string& name = file->second;
  if (name.starts_with("LIST") || name.find('%') != std::string::npos)
    throw Error(ExitCode::kData, path.string() +
                                     ": data file: expected one file, found a list of them; "
                                     "unu save -f nrrd writes one");
  const fs::path beside = path.parent_path() / name;
  if (kind_of(beside) == FileKind::kMissing)
    throw Error(ExitCode::kData, path.string() + ": data file: there is no " + beside.string());
  return open_bytes(beside, 0);
}

void skip_lines(ByteStream& bytes, std::int64_t count, const std::string& place) {
  std::uint64_t used = 0;
  for (std::int64_t i = 0; i < count; ++i)
    if (!next_line(bytes, used, place))
      throw Error(ExitCode::kData, place + ": line skip: expected " + std::to_string(count) +
                                       " lines, found " + std::to_string(i));
}

}  // namespace

std::optional<fs::path> nrrd_data_file(const fs::path& path) {
  const Header header = read_header(path);
  const auto file = header.fields.find("data file");
  if (file == header.fields.end()) return std::nullopt;
  return path.parent_path() / file->second;
}

VolumeFile open_nrrd(const fs::path& path) {
  const std::string place = path.string();
  const Header header = read_header(path);
  VolumeHeader volume = nrrd_volume(header.fields, place);
  const auto found = header.fields.find("encoding");
  const std::string encoding = found == header.fields.end() ? "none" : found->second;
  const bool is_gzip = encoding == "gzip" || encoding == "gz";
  if (!is_gzip && encoding != "raw")
    throw Error(ExitCode::kData, place + ": encoding: expected raw or gzip, found " +
                                     in_quotes(encoding) + "; unu save -e gzip -f nrrd converts");
  std::unique_ptr<ByteStream> bytes = open_numbers(path, header);
  skip_lines(*bytes, nrrd_number(header.fields, "line skip", 0, place), place);
  if (is_gzip) bytes = inflated(std::move(bytes), place);
  const std::int64_t skip = nrrd_number(header.fields, "byte skip", -1, place);
  if (skip > 0) skip_exactly(*bytes, static_cast<std::uint64_t>(skip), place, "byte skip");
  if (skip == -1 && !is_gzip) {  // the data are the last bytes of the file
    std::uint64_t size = element_bytes(volume.coding.stored);
    for (const std::int64_t extent : volume.extents) size *= static_cast<std::uint64_t>(extent);
    if (bytes->most_left() > size)
      skip_exactly(*bytes, bytes->most_left() - size, place, "byte skip");
  }
  return {std::move(volume), std::move(bytes), place};
}

}  // namespace lucid
