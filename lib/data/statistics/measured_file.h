#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace lucid {

// Numbers measured of volumes, kept in a file of a run so that they are not measured again. A key
// says all that the numbers follow from, the time of the volume's file among it.
class MeasuredFile {
 public:
  // A file that is missing or damaged is an empty one; so is one without a name.
  explicit MeasuredFile(std::filesystem::path path);

  // What make() returns, unless the numbers are known.
  template <class Make>
  const std::vector<double>& get(const std::string& key, const Make& make) {
    if (const auto used = used_.find(key); used != used_.end()) return used->second;
    const auto known = known_.find(key);
    return used_[key] = known == known_.end() ? make() : known->second;
  }

  void save() const;  // what was asked for. Throws Error(kFailed)

 private:
  std::filesystem::path path_;
  std::map<std::string, std::vector<double>> known_, used_;
};

}  // namespace lucid
