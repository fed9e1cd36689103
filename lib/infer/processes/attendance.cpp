#include "infer/processes/attendance.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/file.h"
#include "base/json.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

const std::string kProcess = "process-", kJoined = "joined-";

[[noreturn]] void fail(const fs::path& path) {
  throw Error(ExitCode::kFailed,
              path.string() + ": cannot be written: " + std::generic_category().message(errno));
}

// Its clock is that of the file system, which all machines share.
void touch(int descriptor) { futimens(descriptor, nullptr); }

// Returns when a file was touched; opening it makes a network file system look.
std::optional<double> touched(const fs::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  struct stat status {};
  const bool is_known = fstat(descriptor, &status) == 0;
  close(descriptor);
  if (!is_known) return std::nullopt;
  return static_cast<double>(status.st_mtim.tv_sec) +
         1e-9 * static_cast<double>(status.st_mtim.tv_nsec);
}

std::optional<std::size_t> number_in(const std::string& name, const std::string& prefix) {
  if (!name.starts_with(prefix)) return std::nullopt;
  std::size_t number = 0;
  const char* const last = name.data() + name.size();
  const auto end = std::from_chars(name.data() + prefix.size(), last, number);
  if (end.ec != std::errc() || end.ptr != last) return std::nullopt;
  return number;
}

// Returns nothing for a file that its process has not written yet.
std::optional<RunningProcess> process_in(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    return RunningProcess{json.at("host"), json.at("machine"), json.at("process"),
                          json.at("began")};
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

// The thread that touches the file takes no signals: they are the main thread's.
Attendance::Attendance(const fs::path& folder) : folder_(folder), self_(RunningProcess::self()) {
  create();
  try {
    write_self();
    created_ = touched(path_of(number_)).value_or(0);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    toucher_ = std::thread([this] { touch_until_stopped(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  } catch (...) {
    unlink(path_of(number_).c_str());
    close(descriptor_);
    throw;
  }
}

Attendance::~Attendance() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stopped_.notify_all();
  toucher_.join();
  unlink(joined_path(number_).c_str());
  unlink(path_of(number_).c_str());
  close(descriptor_);
}

// The folder may go while the last process before this one leaves.
void Attendance::create() {
  for (number_ = 1;;) {
    std::error_code failed;
    fs::create_directory(folder_, failed);
    if (failed)
      throw Error(ExitCode::kFailed, folder_.string() + ": cannot be made: " + failed.message());
    const fs::path path = path_of(number_);
    descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ >= 0) return void(removed_.emplace(path));
    if (errno == EEXIST)
      ++number_;
    else if (errno != ENOENT)
      fail(path);
  }
}

void Attendance::write_self() const {
  const std::string text = json_text({{"host", self_.host},
                                      {"machine", self_.machine},
                                      {"process", self_.number},
                                      {"began", self_.began}});
  if (write(descriptor_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    fail(path_of(number_));
}

void Attendance::touch_until_stopped() {
  std::unique_lock lock(mutex_);
  while (!stopped_.wait_for(lock, kTouchEvery, [this] { return is_stopping_; })) touch(descriptor_);
}

bool Attendance::is_alive(std::size_t number) const {
  if (number == number_) return true;
  const fs::path path = path_of(number);
  const auto text = read_file_if_any(path, "a file", ExitCode::kFailed);
  if (!text) return false;
  const auto process = process_in(*text);
  if (process && process->is_on_this_machine()) return process->is_alive();
  return !is_old(path);
}

bool Attendance::is_old(const fs::path& file) const {
  touch(descriptor_);
  const auto now = touched(path_of(number_)), then = touched(file);
  return !then || (now && *now - *then > static_cast<double>(kLostAfter.count()));
}

bool Attendance::is_any_other_alive() const {
  for (const std::size_t number : others())
    if (is_alive(number)) return true;
  return false;
}

void Attendance::join() {
  const fs::path path = joined_path(number_);
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) fail(path);
  close(file);
  joined_removed_.emplace(path);
}

bool Attendance::has_any_other_joined() const {
  for (const std::size_t number : others())
    if (fs::exists(joined_path(number)) && is_alive(number)) return true;
  return false;
}

bool Attendance::is_newer(const fs::path& file) const {
  const auto written = touched(file);
  return written && *written >= created_;
}

bool Attendance::is_its_file(const std::string& name) {
  return number_in(name, kProcess) || number_in(name, kJoined);
}

std::vector<fs::path> Attendance::left_behind() const {
  std::vector<fs::path> files;
  for (const std::size_t number : others())
    if (!is_alive(number)) files.insert(files.end(), {joined_path(number), path_of(number)});
  return files;
}

fs::path Attendance::path_of(std::size_t number) const {
  return folder_ / (kProcess + std::to_string(number));
}

fs::path Attendance::joined_path(std::size_t number) const {
  return folder_ / (kJoined + std::to_string(number));
}

std::vector<std::size_t> Attendance::others() const {
  std::vector<std::size_t> numbers;
  std::error_code gone;  // a folder that is not there holds no process
  for (const auto& entry : fs::directory_iterator(folder_, gone))
    if (const auto number = number_in(entry.path().filename().string(), kProcess);
        number && *number != number_)
      numbers.push_back(*number);
  return numbers;
}

}  // namespace lucid
