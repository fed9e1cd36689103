#include "formats/readers/nifti.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "formats/readers/gzip_file.h"
#include "formats/readers/nifti_header.h"

namespace lucid {

namespace fs = std::filesystem;

fs::path image_beside(const fs::path& header) {
  const std::string name = header.stem().string() + ".img";
  for (const std::string& each : {name, name + ".gz"})
    if (kind_of(header.parent_path() / each) != FileKind::kMissing)
      return header.parent_path() / each;
  fail(header.string(), "expected its voxels in " + in_quotes(name) + " or " +
                            in_quotes(name + ".gz") + " beside it, found neither");
}

VolumeFile open_nifti(const fs::path& path) {
  const std::string place = path.string();
  std::unique_ptr<ByteStream> bytes = open_perhaps_gzip(path);
  std::vector<std::byte> header(4);
  read_exactly(*bytes, header, place, "header");
  const std::size_t size = nifti_header_bytes(header);
  if (size == 0)
    throw Error(ExitCode::kData, place + ": expected a NIfTI file, found another beginning");
  header.resize(size);
  read_exactly(*bytes, std::span(header).subspan(4), place, "header");
  const bool is_pair = path.extension() == ".hdr";
  NiftiHeader parsed =
      parse_nifti_header(header, is_pair ? NiftiForm::kPair : NiftiForm::kOneFile, place);
  if (is_pair) bytes = open_perhaps_gzip(image_beside(path));
  skip_exactly(*bytes, parsed.voxels_at - (is_pair ? 0 : size), place, "space before the voxels");
  return {std::move(parsed.volume), std::move(bytes), place};
}

void write_nifti_data(const fs::path& file, const fs::path& named, ElementType type,
                      const std::vector<std::int64_t>& extents, const Geometry& geometry,
                      const FillElements& fill, const NiftiScaling& scaling) {
  GzipFile out(file, named.string(),
               named.extension() == ".gz" ? GzipFile::Mode::kGzip : GzipFile::Mode::kPlain);
  out.write(nifti_header(type, extents, geometry, scaling));
  out.write_planes(type, extents, fill);
  out.close();
}

void write_nifti(const OutputFile& output, ElementType type,
                 const std::vector<std::int64_t>& extents, const Geometry& geometry,
                 const FillElements& fill, const NiftiScaling& scaling) {
  UnfinishedFile unfinished(output);
  write_nifti_data(unfinished.path(), output.path, type, extents, geometry, fill, scaling);
  unfinished.put_in_place();
}

}  // namespace lucid
