#include "base/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

#include "base/error.h"

namespace lucid {

namespace fs = std::filesystem;

namespace {

// Whoever asks is_held() has the lock for a moment, which is no reason to refuse another.
bool lock_at_once(int descriptor) {
  constexpr int kTries = 10;
  constexpr timespec kPause{0, 5'000'000};
  for (int i = 0; i < kTries; ++i) {
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK) return false;
    nanosleep(&kPause, nullptr);
  }
  errno = EWOULDBLOCK;
  return false;
}

}  // namespace

FolderLock::FolderLock(const fs::path& folder, const Texts& texts) : FolderLock() {
  if (!take(folder, texts.cannot_make))
    throw Error(ExitCode::kFailed, folder.string() + ": " + texts.is_busy);
}

std::unique_ptr<FolderLock> FolderLock::if_free(const fs::path& folder,
                                                const std::string& cannot_make) {
  std::unique_ptr<FolderLock> lock(new FolderLock());
  return lock->take(folder, cannot_make) ? std::move(lock) : nullptr;
}

// False if another process holds the lock; what was made is that process's then.
bool FolderLock::take(const fs::path& folder, const std::string& cannot_make) {
  try {
    Attempt attempt = Attempt::kGone;
    while (attempt == Attempt::kGone) {
      make(folder);
      attempt = try_lock(folder);
    }
    if (attempt == Attempt::kLocked) return true;
    made_.clear();
    removed_.clear();
    return false;
  } catch (const fs::filesystem_error& error) {
    throw Error(ExitCode::kFailed,
                folder.string() + ": " + cannot_make + ": " + error.code().message());
  }
}

FolderLock::~FolderLock() { close(); }

bool FolderLock::is_held(const fs::path& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool is_free = flock(descriptor, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK;
  ::close(descriptor);
  return !is_free;
}

// Other processes may make the folder, and remove what they have made, between any two steps here.
void FolderLock::make(const fs::path& folder) {
  const fs::file_status found = fs::status(folder);
  if (fs::is_directory(found)) return;
  if (fs::exists(found))
    throw fs::filesystem_error("", std::make_error_code(std::errc::not_a_directory));
  const bool has_parent = folder.has_parent_path() && folder.parent_path() != folder;
  if (has_parent) make(folder.parent_path());
  std::error_code error;
  const bool is_new = fs::create_directory(folder, error);
  const bool is_removed =
      error == std::errc::file_exists && !fs::exists(fs::symlink_status(folder));
  const bool is_parent_removed = error == std::errc::no_such_file_or_directory && has_parent;
  if (is_removed || is_parent_removed) return make(folder);
  if (error) throw fs::filesystem_error("", error);
  if (!is_new) return;
  made_.push_back(folder);
  removed_.push_back(std::make_unique<RemovedAtSignal>(folder));
}

// The folder is gone if it was removed or replaced before it was locked.
FolderLock::Attempt FolderLock::try_lock(const fs::path& folder) {
  descriptor_ = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor_ < 0 && errno == ENOENT) return Attempt::kGone;
  if (descriptor_ < 0)
    throw fs::filesystem_error("", std::error_code(errno, std::generic_category()));
  if (!lock_at_once(descriptor_))
    return errno == EWOULDBLOCK ? Attempt::kBusy
                                : Attempt::kLocked;  // no locks: none is in the way
  struct stat locked {
  }, named{};
  if (fstat(descriptor_, &locked) == 0 && stat(folder.c_str(), &named) == 0 &&
      locked.st_ino == named.st_ino && locked.st_dev == named.st_dev)
    return Attempt::kLocked;
  ::close(std::exchange(descriptor_, -1));
  return Attempt::kGone;
}

// Folders go before the lock does, or else another process could begin to use them.
void FolderLock::close() {
  for (auto folder = made_.rbegin(); folder != made_.rend(); ++folder) rmdir(folder->c_str());
  made_.clear();
  removed_.clear();
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

}  // namespace lucid
