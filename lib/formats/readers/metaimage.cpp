#include "formats/readers/metaimage.h"

#include "base/error.h"
#include "base/text.h"
#include "formats/headers/words.h"
#include "formats/readers/metaimage_header.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

struct ReadHeader {
  MetaImageFields fields;
  std::uint64_t bytes = 0;  // size of the header if the elements follow in the same file
};

ReadHeader read_metaimage_header(const fs::path& path, const std::string& place) {
  const std::unique_ptr<ByteStream> bytes = open_bytes(path, 0);
  ReadHeader header;
  bool is_last = false;
  while (!is_last) {
    const auto line = read_line(*bytes, header.bytes, place);
    if (!line && header.fields.values.empty())
      fail(place, "expected a MetaImage file, found another beginning");
    if (!line) fail(place, "expected the field 'ElementDataFile', found none");
    is_last = read_metaimage_line(*line, header.fields, place);
  }
  return header;
}

// Returns the path of separate elements, or nullopt if they follow the header.
std::optional<fs::path> elements_beside(const fs::path& header, const MetaImageFields& fields,
                                        const std::string& place) {
  const std::string& name = fields.values.at("ElementDataFile");
  if (name == "LOCAL" || name == "Local" || name == "local") return std::nullopt;
  const bool is_pattern = name.find('%') != std::string::npos && words_of(name).size() >= 2;
  if (name == "LIST" || name.starts_with("LIST ") || is_pattern)
    fail(place,
         "ElementDataFile: expected one file, found a list of slices; ITK's or 3D Slicer's writer "
         "makes one .mha of them");
  return data_file_beside(header, name, "ElementDataFile", place);
}

}  // namespace

std::optional<fs::path> metaimage_data_file(const fs::path& path) {
  const std::string place = path.string();
  return elements_beside(path, read_metaimage_header(path, place).fields, place);
}

VolumeFile open_metaimage(const fs::path& path) {
  const std::string place = path.string();
  ReadHeader header = read_metaimage_header(path, place);
  VolumeHeader volume = metaimage_volume(header.fields, place);
  const MetaImageReader fields(header.fields, place);
  const bool is_compressed = fields.truth({"CompressedData"}, "False");
  const std::int64_t skip = fields.integer("HeaderSize", -1, 0);
  if (skip == -1 && is_compressed)
    fail(place, "HeaderSize: expected 0 or more beside CompressedData, found -1");
  const auto beside = elements_beside(path, header.fields, place);
  std::unique_ptr<ByteStream> bytes =
      beside ? open_bytes(*beside, 0) : open_bytes(path, header.bytes);
  if (skip > 0) skip_exactly(*bytes, static_cast<std::uint64_t>(skip), place, "HeaderSize");
  if (is_compressed) bytes = inflated(std::move(bytes), place);
  if (skip == -1) {  // the elements are the last bytes of the file
    std::uint64_t size = element_bytes(volume.coding.stored);
    for (const std::int64_t extent : volume.extents) size *= static_cast<std::uint64_t>(extent);
    if (bytes->most_left() > size)
      skip_exactly(*bytes, bytes->most_left() - size, place, "HeaderSize");
  }
  return {std::move(volume), std::move(bytes), place};
}

}  // namespace lucid
