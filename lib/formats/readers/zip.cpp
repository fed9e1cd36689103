#include "formats/readers/zip.h"

#include <zip.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 50;

std::shared_ptr<zip_t> open_archive(const fs::path& path, const std::string& place) {
  check_is_file(path, "a zip archive", ExitCode::kData);
  int code = 0;
  zip_t* archive = zip_open(path.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &code);
  if (archive != nullptr) return {archive, zip_discard};
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  const std::string reason = zip_error_strerror(&error);
  zip_error_fini(&error);
  throw Error(ExitCode::kData, place + ": no zip archive, or a damaged one: " + reason);
}

class Member : public ByteStream {
 public:
  Member(std::shared_ptr<zip_t> archive, std::uint64_t index, std::string place)
      : place_(std::move(place)), archive_(std::move(archive)), file_(nullptr, close) {
    zip_stat_t stat;
    zip_stat_init(&stat);
    const bool is_found = zip_stat_index(archive_.get(), index, 0, &stat) == 0;
    file_.reset(is_found ? zip_fopen_index(archive_.get(), index, 0) : nullptr);
    if (file_ == nullptr) fail(zip_strerror(archive_.get()));
    // The directory states the size; it is limited by what deflate can produce from the stored
    // bytes.
    if ((stat.valid & ZIP_STAT_SIZE) != 0) left_ = stat.size;
    if ((stat.valid & ZIP_STAT_COMP_SIZE) != 0)
      left_ = std::min(left_, (std::min(stat.comp_size, kMostBytes) + 64) * kMostInflation);
  }

  std::size_t read(std::span<std::byte> out) override {
    std::size_t done = 0;
    while (done < out.size()) {
      const zip_int64_t count = zip_fread(file_.get(), out.data() + done, out.size() - done);
      if (count < 0) fail(zip_file_strerror(file_.get()));
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    left_ -= std::min<std::uint64_t>(left_, done);
    return done;
  }
  std::uint64_t most_left() const override { return left_; }

 private:
  static void close(zip_file_t* file) { zip_fclose(file); }
  [[noreturn]] void fail(const std::string& reason) const {
    throw Error(ExitCode::kData, place_ + ": cannot be read: " + reason);
  }

  std::string place_;
  std::shared_ptr<zip_t> archive_;
  std::unique_ptr<zip_file_t, void (*)(zip_file_t*)> file_;
  std::uint64_t left_ = 0;
};

}  // namespace

ZipArchive::ZipArchive(const fs::path& path)
    : place_(path.string()), archive_(open_archive(path, place_)) {
  const zip_int64_t count = zip_get_num_entries(archive_.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const auto index = static_cast<std::uint64_t>(i);
    const char* name = zip_get_name(archive_.get(), index, 0);
    if (name == nullptr) continue;
    if (!indices_.emplace(name, index).second)
      fail(place_, "expected files of different names, found two called " + in_quotes(name));
    names_.emplace_back(name);
  }
}

std::unique_ptr<ByteStream> ZipArchive::open(const std::string& name) const {
  const auto found = indices_.find(name);
  if (found == indices_.end()) fail(place_, "there is no " + in_quotes(name));
  return std::make_unique<Member>(archive_, found->second, place_ + ": " + name);
}

}  // namespace lucid
