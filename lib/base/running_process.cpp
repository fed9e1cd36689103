#include "base/running_process.h"

#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>

namespace lucid {
namespace {

// Containers on one kernel share its boot, but not the numbers of their processes.
std::string this_machine() {
  std::string boot;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
  std::array<char, 64> space{};
  const ssize_t length = readlink("/proc/self/ns/pid", space.data(), space.size());
  if (boot.empty() || length <= 0) return "";
  return boot + " " + std::string(space.data(), static_cast<std::size_t>(length));
}

std::string this_host() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace

std::optional<std::uint64_t> begin_of_process(std::int64_t number) {
  std::ifstream stat("/proc/" + std::to_string(number) + "/stat");
  std::string text, word;
  if (!std::getline(stat, text)) return std::nullopt;
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream rest(text.substr(name_end + 1));
  std::string state;
  rest >> state;
  if (state == "Z" || state == "X") return std::nullopt;
  constexpr int kFirst = 4, kBegin = 22;  // fields of proc(5)
  for (int field = kFirst; field < kBegin; ++field) rest >> word;
  std::uint64_t ticks = 0;
  rest >> ticks;
  return ticks;
}

RunningProcess RunningProcess::self() {
  const auto number = static_cast<std::int64_t>(getpid());
  return {this_host(), this_machine(), number, begin_of_process(number).value_or(0)};
}

bool RunningProcess::is_on_this_machine() const {
  return !machine.empty() && machine == this_machine();
}

}  // namespace lucid
