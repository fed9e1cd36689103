#include "formats/headers/libraries.h"
#include "formats/tiff/tiff_file.h"

// Takes the place of tiff_file.cpp where libtiff was not found when lucid was built.
namespace lucid {

struct TiffFile::State {
  std::string place;
};

TiffFile::TiffFile(const std::filesystem::path& path) {
  fail_without_library(path.string(), "libtiff");
}
TiffFile::~TiffFile() = default;
TiffFile::TiffFile(TiffFile&&) noexcept = default;
const std::string& TiffFile::place() const { return state_->place; }
bool TiffFile::next() { return false; }
bool TiffFile::has_next() const { return false; }
bool TiffFile::is_reduced() const { return false; }
TiffPage TiffFile::page() const { return {}; }
std::string TiffFile::description() const { return {}; }
std::uint64_t TiffFile::offset() const { return 0; }
void TiffFile::go_to(std::uint64_t, std::size_t) {}
void TiffFile::read_row(std::int64_t, std::span<std::byte>) {}

}  // namespace lucid
