#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace lucid {

// Returns when a process of this machine began, in clock ticks since the boot; nothing if there is
// none of that number, or it has ended.
std::optional<std::uint64_t> begin_of_process(std::int64_t number);

// A process of this or of another machine. Its number alone may be that of a later one.
struct RunningProcess {
  std::string host;
  std::string machine;  // the boot and the space of process numbers; empty if unknown
  std::int64_t number = 0;
  std::uint64_t began = 0;

  static RunningProcess self();
  // Whether this process can tell if it lives.
  bool is_on_this_machine() const;
  // Asks the system; only for processes of this machine.
  bool is_alive() const { return begin_of_process(number) == began; }
  std::string str() const { return "process " + std::to_string(number) + " on " + host; }
  friend bool operator==(const RunningProcess&, const RunningProcess&) = default;
};

}  // namespace lucid
