#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace lucid {

// A program of ours that runs in the background. It dies with this process.
class Child {
 public:
  // Starts `program` of the folder that this program is in. What it prints is appended to the file.
  // Throws Error(kFailed).
  Child(const std::string& program, const std::vector<std::string>& arguments,
        const std::filesystem::path& output);
  ~Child();
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;

  bool has_ended();                   // does not wait
  int code() const { return code_; }  // 128 plus its number where a signal ended it
  void terminate() const;
  void wait();

 private:
  void note(int status);

  pid_t process_ = -1;
  int code_ = 0;
};

}  // namespace lucid
