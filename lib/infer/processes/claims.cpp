#include "infer/processes/claims.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <map>
#include <system_error>

#include "base/file.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

const std::string kClaim = "claim-";

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

// Returns the latest claim of each name: later ones have taken over the others.
std::map<std::string, std::size_t> latest_claims(const fs::path& folder) {
  std::map<std::string, std::size_t> latest;
  std::error_code gone;  // a folder that is not there holds no claim
  for (const auto& entry : fs::directory_iterator(folder, gone)) {
    const std::string file = entry.path().filename().string();
    const auto end = file.rfind('-');
    if (!file.starts_with(kClaim) || end < kClaim.size()) continue;
    const auto number = whole_number<std::size_t>(std::string_view(file).substr(end + 1));
    std::size_t& last = latest[file.substr(kClaim.size(), end - kClaim.size())];
    if (number) last = std::max(last, *number);
  }
  return latest;
}

fs::path path_of(const fs::path& folder, const std::string& name, std::size_t number) {
  return folder / (kClaim + name + "-" + std::to_string(number));
}

}  // namespace

Claim::Claim(const fs::path& file) : file_(file), removed_(file) {}

Claim::~Claim() { unlink(file_.c_str()); }

std::unique_ptr<Claim> Claims::claim(const std::string& name) const {
  const auto latest = latest_claims(folder_);
  const auto found = latest.find(name);
  const std::size_t before = found == latest.end() ? 0 : found->second;
  if (before > 0 && is_held(path_of(folder_, name, before))) return nullptr;
  const fs::path path = path_of(folder_, name, before + 1);
  const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0 && errno == EEXIST) return nullptr;
  const std::string text = std::to_string(attendance_.number());
  const bool is_written = descriptor >= 0 && write(descriptor, text.data(), text.size()) ==
                                                 static_cast<ssize_t>(text.size());
  const int reason = errno;
  if (descriptor >= 0) close(descriptor);
  if (is_written) return std::make_unique<Claim>(path);
  if (descriptor >= 0) unlink(path.c_str());
  throw Error(ExitCode::kFailed,
              path.string() + ": cannot be written: " + std::generic_category().message(reason));
}

std::unique_ptr<Claim> Claims::wait_for(const std::string& name) const {
  constexpr auto kPause = std::chrono::milliseconds(5);
  for (;;) {
    if (auto claim = this->claim(name)) return claim;
    std::this_thread::sleep_for(kPause);
  }
}

std::set<std::string> Claims::held() const {
  std::set<std::string> names;
  for (const auto& [name, number] : latest_claims(folder_))
    if (is_held(path_of(folder_, name, number))) names.insert(name);
  return names;
}

// A claim that says nothing is being made; if it stays so, its process has ended.
bool Claims::is_held(const fs::path& file) const {
  const auto text = read_file_if_any(file, "a file", ExitCode::kFailed);
  if (!text) return false;
  const auto process = whole_number<std::size_t>(*text);
  return process ? attendance_.is_alive(*process) : !attendance_.is_old(file);
}

}  // namespace lucid
