#include "formats/readers/nrrd_write.h"

#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/error.h"
#include "base/text.h"
#include "formats/readers/gzip_file.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// NRRD calls floating-point types as C does; integers have the names of stdint.
std::string type_name(ElementType type) {
  if (type == ElementType::kFloat32) return "float";
  return type == ElementType::kFloat64 ? "double" : element_name(type);
}

std::string vector_text(const Affine& affine, std::size_t column) {
  return "(" + number_text(affine[column]) + "," + number_text(affine[4 + column]) + "," +
         number_text(affine[8 + column]) + ")";
}

std::string header_text(ElementType type, const std::vector<std::int64_t>& extents,
                        const Geometry& geometry) {
  const bool is_list = extents.size() == 4;
  std::string sizes, kinds, directions;
  for (std::size_t axis = extents.size(); axis-- > 0;) sizes += " " + std::to_string(extents[axis]);
  for (std::size_t column = 0; column < 3; ++column) {
    kinds += " domain";
    directions += " " + vector_text(geometry.affine, column);
  }
  if (is_list) kinds += " list";
  if (is_list) directions += " none";
  const std::string space =
      geometry.is_oriented() ? "space: right-anterior-superior" : "space dimension: 3";
  const std::string endian = std::endian::native == std::endian::little ? "little" : "big";
  return "NRRD0005\ntype: " + type_name(type) + "\ndimension: " + std::to_string(extents.size()) +
         "\n" + space + "\nsizes:" + sizes + "\nspace directions:" + directions +
         "\nkinds:" + kinds + "\nendian: " + endian +
         "\nencoding: gzip\nspace units: \"mm\" \"mm\" \"mm\"\nspace origin: " +
         vector_text(geometry.affine, 3) + "\n\n";
}

}  // namespace

void write_nrrd_data(const fs::path& file, const fs::path& named, ElementType type,
                     const std::vector<std::int64_t>& extents, const Geometry& geometry,
                     const FillElements& fill) {
  std::ofstream header(file, std::ios::binary);
  header << header_text(type, extents, geometry);
  header.close();
  if (!header)
    throw Error(ExitCode::kFailed, named.string() + ": cannot be written: " + std::strerror(errno));
  GzipFile numbers(file, named.string(), GzipFile::Mode::kGzipBehindHeader);
  numbers.write_planes(type, extents, fill);
  numbers.close();
}

}  // namespace lucid
