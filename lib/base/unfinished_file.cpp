#include "base/unfinished_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/running_process.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

const std::string kMark = ".unfinished-";

[[noreturn]] void fail(const fs::path& path, const std::string& reason,
                       ExitCode code = ExitCode::kFailed) {
  throw Error(code, path.string() + ": cannot be written: " + reason);
}
[[noreturn]] void fail(const fs::path& path, int reason) {
  fail(path, std::generic_category().message(reason));
}
[[noreturn]] void fail_exists(const fs::path& path) {
  throw Error(ExitCode::kUsage, path.string() + ": exists; --overwrite replaces it");
}

// Some network file systems have no fsync; there is nothing better to do on them.
void sync_descriptor(int descriptor, const fs::path& named) {
  if (fsync(descriptor) != 0 && errno != EINVAL && errno != ENOTSUP) fail(named, errno);
}

void sync_folder(const fs::path& file, const fs::path& named) {
  const int folder = open(folder_of(file).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) fail(named, errno);
  try {
    sync_descriptor(folder, named);
  } catch (...) {
    close(folder);
    throw;
  }
  if (close(folder) != 0) fail(named, errno);
}

// Locks of open files do not get in the way of HDF5, which locks otherwise. Returns false if
// another process holds the lock; without support for locks nobody does.
bool lock(int descriptor) {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return fcntl(descriptor, F_OFD_SETLK, &whole) == 0 || (errno != EAGAIN && errno != EACCES);
}

// Returns when the process began, in seconds since 1970; 0 if there is none, or it has ended.
double seconds_of_begin(long process) {
  const auto ticks = begin_of_process(process);
  if (!ticks) return 0;
  std::ifstream machine("/proc/stat");
  std::string word;
  double boot = 0;
  while (machine >> word)
    if (word == "btime") machine >> boot;
  return boot + static_cast<double>(*ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// True if the process may have written the file: it lives, and began before the last write. On
// other machines the lock has to tell.
bool may_be_written_by(long process, const struct stat& file) {
  constexpr double kClockError = 2;  // the time of boot is in whole seconds
  if (process == getpid()) return false;
  const double begin = seconds_of_begin(process);
  return begin != 0 && begin < static_cast<double>(file.st_mtim.tv_sec) + kClockError;
}

void remove_if_left(const fs::path& file, long process) {
  const int descriptor = open(file.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) return;
  struct stat status {};
  if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) &&
      !may_be_written_by(process, status) && lock(descriptor))
    unlink(file.c_str());
  close(descriptor);
}

// The paths to remove are in fixed memory, because a signal handler must not allocate.
struct Slot {
  enum State { kFree, kChanging, kUsed };
  std::atomic<int> state{kFree};
  std::array<char, 4096> path{};
};
std::array<Slot, 64> slots;

}  // namespace

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

fs::path written_file(const fs::path& path) {
  std::error_code failed;
  const bool is_link = fs::is_symlink(fs::symlink_status(path, failed));
  const fs::file_status status = fs::status(path, failed);
  if (is_link && status.type() == fs::file_type::not_found)
    fail(path,
         "it links to '" + fs::read_symlink(path, failed).string() +
             "', which does not exist; remove the link or name that file",
         ExitCode::kUsage);
  if (failed == std::errc::too_many_symbolic_link_levels)
    fail(path, "it is a link that leads back to itself", ExitCode::kUsage);
  if (failed && fs::exists(status)) fail(path, failed.value());
  if (fs::is_directory(status)) fail(path, EISDIR);
  if (!fs::exists(status)) return path;
  if (!fs::is_regular_file(status))
    fail(path,
         fs::is_fifo(status)     ? "it is a FIFO; name a file"
         : fs::is_socket(status) ? "it is a socket; name a file"
                                 : "it is a device; name a file",
         ExitCode::kUsage);
  return is_link ? fs::canonical(path) : path;
}

void remove_leftovers(const fs::path& path) {
  const std::string prefix = path.filename().string() + kMark;
  std::error_code ignored;  // leftovers do no harm
  for (fs::directory_iterator entry(folder_of(path), ignored), end; !ignored && entry != end;
       entry.increment(ignored)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(prefix)) continue;
    long process = 0;
    const char* const last = name.data() + name.size();
    const auto number = std::from_chars(name.data() + prefix.size(), last, process);
    const bool is_ours = number.ec == std::errc() && (number.ptr == last || *number.ptr == '-');
    if (is_ours) remove_if_left(entry->path(), process);
  }
}

// Backwards, because a folder is there before what it holds.
void remove_unfinished_files() noexcept {
  for (auto slot = slots.rbegin(); slot != slots.rend(); ++slot)
    if (slot->state == Slot::kUsed && unlink(slot->path.data()) != 0) rmdir(slot->path.data());
}

RemovedAtSignal::RemovedAtSignal(const fs::path& path) : slot_(-1) {
  if (path.native().size() >= slots[0].path.size()) return;
  for (std::size_t i = 0; i < slots.size() && slot_ < 0; ++i) {
    int expected = Slot::kFree;
    if (!slots[i].state.compare_exchange_strong(expected, Slot::kChanging)) continue;
    std::strcpy(slots[i].path.data(), path.c_str());
    slots[i].state = Slot::kUsed;
    slot_ = static_cast<int>(i);
  }
}

RemovedAtSignal::~RemovedAtSignal() {
  if (slot_ >= 0) slots[static_cast<std::size_t>(slot_)].state = Slot::kFree;
}

UnfinishedFile::UnfinishedFile(const OutputFile& output)
    : output_(output), target_(written_file(output.path)), unfinished_(create()) {}

UnfinishedFile::~UnfinishedFile() {
  std::error_code ignored;
  fs::remove(unfinished_, ignored);
  if (descriptor_ >= 0) close(descriptor_);
}

// A file of that name may be a leftover, or that of a process on another machine with this number.
// A new one is named to the signal handler before it is there, so that no signal leaves it behind.
fs::path UnfinishedFile::create() {
  if (!output_.may_overwrite && fs::exists(target_)) fail_exists(output_.path);
  for (int count = 1;; ++count) {
    fs::path path = target_;
    path += kMark + std::to_string(getpid()) + (count == 1 ? "" : "-" + std::to_string(count));
    std::error_code unknown;  // which opening will meet, too
    if (!fs::exists(path, unknown)) removed_.emplace(path);
    descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
    if (descriptor_ < 0) fail(output_.path, errno);
    if (lock(descriptor_)) {
      if (!removed_) removed_.emplace(path);
      return path;
    }
    removed_.reset();
    close(std::exchange(descriptor_, -1));
  }
}

void UnfinishedFile::put_in_place() {
  sync();
  close_written();
  rename_to_target();
  sync_folder(target_, output_.path);
}

void UnfinishedFile::sync() { sync_descriptor(descriptor_, output_.path); }

// Looks once more what is there now.
void UnfinishedFile::close_written() {
  if (close(std::exchange(descriptor_, -1)) != 0) fail(output_.path, errno);
  written_file(target_);
}

void UnfinishedFile::exchange() {
  close_written();
  keeps_earlier_ = output_.may_overwrite && renameat2(AT_FDCWD, unfinished_.c_str(), AT_FDCWD,
                                                      target_.c_str(), RENAME_EXCHANGE) == 0;
  if (!keeps_earlier_) rename_to_target();
  sync_folder(target_, output_.path);
}

void UnfinishedFile::take_back() {
  const unsigned how = keeps_earlier_ ? RENAME_EXCHANGE : RENAME_NOREPLACE;
  renameat2(AT_FDCWD, target_.c_str(), AT_FDCWD, unfinished_.c_str(), how);
}

void UnfinishedFile::rename_to_target() const {
  if (!output_.may_overwrite) {
    if (renameat2(AT_FDCWD, unfinished_.c_str(), AT_FDCWD, target_.c_str(), RENAME_NOREPLACE) == 0)
      return;
    if (errno == EEXIST || fs::exists(target_)) fail_exists(output_.path);
  }
  if (rename(unfinished_.c_str(), target_.c_str()) != 0) fail(output_.path, errno);
}

}  // namespace lucid
