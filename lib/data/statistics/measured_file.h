#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace lucid {

// Caches measurements of volumes in a file of the run. A key contains everything that the values
// depend on, including the modification time of the volume's file.
class MeasuredFile {
 public:
  // A missing or damaged file counts as empty; so does an empty path.
  explicit MeasuredFile(std::filesystem::path path);

  // Returns the cached values of the key, or else calls make() and keeps what it returns.
  template <class Make>
  const std::vector<double>& get(const std::string& key, const Make& make) {
    if (const auto used = used_.find(key); used != used_.end()) return used->second;
    const auto known = known_.find(key);
    return used_[key] = known == known_.end() ? make() : known->second;
  }

  // Writes the values that this run asked for. Throws Error(kFailed).
  void save() const;

 private:
  std::filesystem::path path_;
  std::map<std::string, std::vector<double>> known_, used_;
};

}  // namespace lucid
