#include "base/machine/share_work.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace lucid {
namespace {

class Work {
 public:
  Work(std::int64_t count, const std::function<void(std::int64_t)>& body)
      : end_(count), body_(body) {}

  void run() {
    std::unique_lock lock(mutex_);
    while (next_ < end_) {
      const std::int64_t number = next_++;
      lock.unlock();
      std::exception_ptr failure;
      try {
        body_(number);
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      if (failure && (!failure_ || number < failed_)) {
        failure_ = std::move(failure);
        failed_ = number;
        end_ = next_;
      }
    }
  }

  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::mutex mutex_;  // guards everything below
  std::int64_t next_ = 0, end_;
  const std::function<void(std::int64_t)>& body_;
  std::exception_ptr failure_;
  std::int64_t failed_ = 0;
};

}  // namespace

void share_work(std::int64_t count, int threads, const std::function<void(std::int64_t)>& body) {
  Work work(count, body);
  std::vector<std::thread> others;
  try {
    for (std::int64_t i = 1; i < std::min<std::int64_t>(count, threads); ++i)
      others.emplace_back([&work] { work.run(); });
  } catch (const std::system_error&) {  // those that could be started do all of the work
  }
  work.run();
  for (std::thread& other : others) other.join();
  work.rethrow();
}

}  // namespace lucid
