#include "fuzz/fuzz.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace lucid::fuzz {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostErrorBytes = 100'000;

class OwnFolder {
 public:
  OwnFolder() {
    const fs::path parent = fs::exists("/dev/shm") ? "/dev/shm" : fs::temp_directory_path();
    std::string pattern = (parent / "lucid-fuzz-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed: " + pattern);
    path_ = pattern;
  }
  ~OwnFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  OwnFolder(const OwnFolder&) = delete;
  OwnFolder& operator=(const OwnFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

const fs::path& folder() {
  static const OwnFolder own;
  return own.path();
}

fs::path write_file(const std::string& name, std::string_view content) {
  const fs::path path = folder() / name;
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(content.data(), static_cast<std::streamsize>(content.size()));
  return path;
}

void wrong(const std::string& message) {
  std::fprintf(stderr, "wrong: %s\n", message.c_str());
  std::abort();
}

void check_error(const Error& error) {
  const std::string_view text = error.what();
  if (text.empty()) wrong("an error without a message");
  if (text.size() > kMostErrorBytes)
    wrong("an endless message: " + std::string(text.substr(0, 200)));
  if (error.code() != ExitCode::kData && error.code() != ExitCode::kUsage)
    wrong("bad input is not told by the exit code: " + std::string(text));
}

}  // namespace lucid::fuzz
