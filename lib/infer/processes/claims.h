#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "infer/processes/attendance.h"

namespace lucid {

// What one process alone works on as long as this object lives.
class Claim {
 public:
  explicit Claim(const std::filesystem::path& file);
  ~Claim();
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;

  const std::filesystem::path& file() const { return file_; }

 private:
  std::filesystem::path file_;
  RemovedAtSignal removed_;
};

// Claims things by name for one of the processes that share a folder. Locks of files are not
// needed: a claim is a file that only one process can create, claim-NAME-1. Where its process has
// ended without removing it, the file stays, and whoever creates the next one, claim-NAME-2, has
// the claim.
class Claims {
 public:
  // The attendance must outlive the claims.
  Claims(const std::filesystem::path& folder, const Attendance& attendance)
      : folder_(folder), attendance_(attendance) {}

  // Returns null if a living process has it, this one included.
  std::unique_ptr<Claim> claim(const std::string& name) const;
  std::unique_ptr<Claim> wait_for(const std::string& name) const;
  // The names that living processes have claimed.
  std::set<std::string> held() const;

  static bool is_its_file(const std::string& name) { return name.starts_with("claim-"); }

 private:
  bool is_held(const std::filesystem::path& file) const;

  std::filesystem::path folder_;
  const Attendance& attendance_;
};

}  // namespace lucid
