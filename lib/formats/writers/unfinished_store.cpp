#include "formats/writers/unfinished_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/running_process.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

const std::string kStoreMark = ".unfinished-";
constexpr const char* kLockName = ".lucid-lock";

[[noreturn]] void fail_store(const fs::path& named, int reason) {
  throw Error(ExitCode::kFailed,
              named.string() + ": cannot be written: " + std::generic_category().message(reason));
}

[[noreturn]] void fail_store_exists(const fs::path& named) {
  throw Error(ExitCode::kUsage, named.string() + ": exists; --overwrite replaces it");
}

bool is_replaceable(const fs::path& folder) {
  constexpr std::array<const char*, 4> kMetadata{".zgroup", ".zattrs", ".zarray", "zarr.json"};
  std::error_code unknown;
  return fs::is_empty(folder, unknown) || std::ranges::any_of(kMetadata, [&](const char* name) {
           return kind_of(folder / name) == FileKind::kFile;
         });
}

// As of files that are being written: others may tell by it that the writer lives.
int locked_file(const fs::path& path, int flags) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0666);
  if (descriptor < 0) return -1;
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (fcntl(descriptor, F_OFD_SETLK, &whole) == 0 || (errno != EAGAIN && errno != EACCES))
    return descriptor;
  close(descriptor);
  return -1;
}

// A store without a lock is about to be put in place, or just begun.
void remove_left_store(const fs::path& folder, std::int64_t process) {
  if (process != getpid() && begin_of_process(process)) return;
  const int descriptor = locked_file(folder / kLockName, 0);
  std::error_code ignored;  // leftovers do no harm
  if (descriptor < 0) return static_cast<void>(fs::remove(folder, ignored));  // if it is empty
  fs::remove_all(folder, ignored);
  close(descriptor);
}

void remove_left_stores(const fs::path& path) {
  const std::string prefix = path.filename().string() + kStoreMark;
  std::error_code ignored;
  for (fs::directory_iterator entry(folder_of(path), ignored), end; !ignored && entry != end;
       entry.increment(ignored)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(prefix) || !entry->is_directory(ignored)) continue;
    std::int64_t process = 0;
    const char* const last = name.data() + name.size();
    const auto number = std::from_chars(name.data() + prefix.size(), last, process);
    if (number.ec == std::errc() && (number.ptr == last || *number.ptr == '-'))
      remove_left_store(entry->path(), process);
  }
}

// One call for the many files of a store.
void sync_file_system_of(const fs::path& folder, const fs::path& named) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) fail_store(named, errno);
  const int failed = syncfs(descriptor) != 0 ? errno : 0;
  close(descriptor);
  if (failed != 0) fail_store(named, failed);
}

}  // namespace

void check_store_output(const OutputFile& output) {
  const FileKind kind = kind_of(output.path);
  if (kind == FileKind::kMissing) return;
  if (!output.may_overwrite) fail_store_exists(output.path);
  if (kind == FileKind::kFolder && is_replaceable(output.path)) return;
  throw Error(ExitCode::kUsage,
              output.path.string() + ": expected a Zarr store to replace, found " +
                  (kind == FileKind::kFolder ? "a folder of something else" : kind_text(kind)) +
                  "; choose another name");
}

std::set<fs::path> files_of_store(const fs::path& folder) {
  std::set<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && entry.path().filename() != kLockName)
      files.insert(entry.path().lexically_relative(folder));
  return files;
}

bool have_equal_files(const fs::path& a, const fs::path& b) {
  const std::set<fs::path> files = files_of_store(a);
  const auto content = [](const fs::path& file) {
    return read_file(file, "a file", ExitCode::kFailed);
  };
  return files == files_of_store(b) && std::ranges::all_of(files, [&](const fs::path& file) {
           return content(a / file) == content(b / file);
         });
}

UnfinishedStore::UnfinishedStore(const OutputFile& output) : output_(output) {
  check_store_output(output_);
  if (fs::is_symlink(output_.path) && kind_of(output_.path) == FileKind::kFolder)
    output_.path = fs::canonical(output_.path);
  remove_left_stores(output_.path);
  create();
}

UnfinishedStore::~UnfinishedStore() {
  std::error_code ignored;
  fs::remove_all(unfinished_, ignored);
  if (lock_ >= 0) close(lock_);
}

// A folder of that name is a leftover, or that of a process on another machine with this number.
void UnfinishedStore::create() {
  const std::string name = output_.path.string() + kStoreMark + std::to_string(getpid());
  for (int count = 1; lock_ < 0; ++count) {
    unfinished_ = name + (count == 1 ? "" : "-" + std::to_string(count));
    if (mkdir(unfinished_.c_str(), 0777) != 0) {
      if (errno != EEXIST) fail_store(output_.path, errno);
      continue;
    }
    lock_ = locked_file(unfinished_ / kLockName, O_CREAT);
    if (lock_ >= 0) return;
    const int reason = errno;
    rmdir(unfinished_.c_str());
    fail_store(output_.path, reason);
  }
}

void UnfinishedStore::put_in_place() {
  sync_file_system_of(unfinished_, output_.path);
  check_store_output(output_);
  if (unlink((unfinished_ / kLockName).c_str()) != 0) fail_store(output_.path, errno);
  close(std::exchange(lock_, -1));
  // A folder that holds something is never replaced by renaming one.
  if (!exchange() && rename(unfinished_.c_str(), output_.path.c_str()) != 0) {
    if (errno == EEXIST || errno == ENOTEMPTY) fail_store_exists(output_.path);
    fail_store(output_.path, errno);
  }
  sync_file_system_of(folder_of(output_.path), output_.path);
}

// What was there has the unfinished name then, and goes with it.
bool UnfinishedStore::exchange() const {
  if (!output_.may_overwrite) return false;
  if (renameat2(AT_FDCWD, unfinished_.c_str(), AT_FDCWD, output_.path.c_str(), RENAME_EXCHANGE) ==
      0)
    return true;
  // Not every file system exchanges names; then there is none for a moment.
  std::error_code missing;
  if (errno == EINVAL) fs::remove_all(output_.path, missing);
  return false;
}

}  // namespace lucid
