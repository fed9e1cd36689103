#pragma once

#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace lucid {

// Collects lines for the user about what is allowed but hardly meant. Any thread may add to it.
class Warnings {
 public:
  // Takes only the first line about a subject.
  void add(const std::string& subject, const std::string& line) {
    const std::scoped_lock lock(mutex_);
    if (subjects_.insert(subject).second) lines_.push_back(line);
  }
  void add(const std::string& line) { add(line, line); }

  // Returns what was added since the last call.
  std::vector<std::string> take() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(lines_, {});
  }

 private:
  std::mutex mutex_;
  std::set<std::string> subjects_;
  std::vector<std::string> lines_;
};

}  // namespace lucid
