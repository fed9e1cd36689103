#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

#include "base/error.h"

namespace lucid::hdf5 {

// Held around every call of the HDF5 library, which may not be thread-safe; one lock serves the
// process. HDF5 prints no errors of its own on a thread that has held it.
class Lock {
 public:
  Lock();

 private:
  std::unique_lock<std::recursive_mutex> lock_;
};

// Owns an identifier of HDF5 and closes it.
class Handle {
 public:
  using Close = int (*)(std::int64_t);

  Handle() = default;
  Handle(std::int64_t id, Close close) : id_(id), close_(close) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Handle() { release(); }

  std::int64_t id() const { return id_; }
  bool is_open() const { return id_ >= 0; }
  int release();  // below 0 if HDF5 could not finish what was pending

 private:
  std::int64_t id_ = -1;
  Close close_ = nullptr;
};

// Returns why the last call failed, from the innermost entry of HDF5's error stack: "No space left
// on device".
std::string last_reason();

// Returns the value, or throws Error(code) "where: what: reason" if HDF5 reported a failure.
template <class T>
T checked(T value, ExitCode code, const std::string& where, const std::string& what) {
  if (value >= 0) return value;
  throw Error(code, where + ": " + what + ": " + last_reason());
}

}  // namespace lucid::hdf5
