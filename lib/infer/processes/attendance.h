#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/running_process.h"
#include "base/unfinished_file.h"

namespace lucid {

// The processes that work in one folder, on one machine or several: each has a file there that
// says which process it is, and touches it while it lives. Names no process that has ended on this
// machine; one on another machine counts as ended once its file was not touched for kLostAfter.
class Attendance {
 public:
  // Machines that share a folder may see a touch late: NFS keeps what it knows of a file for up to
  // a minute unless the file is opened, as is done here. A process that was only taken for ended
  // does no harm, whatever it writes later.
  static constexpr std::chrono::seconds kLostAfter{60}, kTouchEvery{5};

  // Takes the next number that is free. Throws Error(kFailed).
  explicit Attendance(const std::filesystem::path& folder);
  ~Attendance();
  Attendance(const Attendance&) = delete;
  Attendance& operator=(const Attendance&) = delete;

  std::size_t number() const { return number_; }
  const RunningProcess& self() const { return self_; }
  bool is_alive(std::size_t number) const;
  bool is_any_other_alive() const;
  // Says that this process has come to what the folder holds, and asks who has.
  void join();
  bool has_any_other_joined() const;
  // Whether a file was written since this process was there.
  bool is_newer(const std::filesystem::path& file) const;
  // Whether a file was last touched so long ago that its process counts as ended.
  bool is_old(const std::filesystem::path& file) const;

  static bool is_its_file(const std::string& name);
  // The files of processes that have ended.
  std::vector<std::filesystem::path> left_behind() const;

 private:
  std::filesystem::path path_of(std::size_t number) const;
  std::filesystem::path joined_path(std::size_t number) const;
  std::vector<std::size_t> others() const;
  void create();
  void write_self() const;
  void touch_until_stopped();

  std::filesystem::path folder_;
  RunningProcess self_;
  std::size_t number_ = 0;
  int descriptor_ = -1;
  double created_ = 0;  // by the clock of the file system
  std::optional<RemovedAtSignal> removed_, joined_removed_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool is_stopping_ = false;
  std::thread toucher_;
};

}  // namespace lucid
