#include "formats/import/import_cache.h"

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "base/file.h"
#include "base/folder_lock.h"
#include "base/json.h"
#include "base/rng.h"
#include "base/text.h"
#include "formats/open/file_identity.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// Is raised when an import writes something else.
constexpr int kImportVersion = 1;

// Thrown out of an import that is to stop.
struct ImportStopped {};

Json identities_of(const fs::path& volume) {
  Json identities = Json::array();
  for (const fs::path& file : files_of_volume(volume)) {
    if (kind_of(file) == FileKind::kMissing) fail(file.string(), "no such file");
    identities.push_back(file_identity(file));
  }
  return identities;
}

// Returns what an imported file depends on.
Json made_of(const Scan& scan) {
  Json images = Json::array();
  for (const fs::path& image : scan.images) images.push_back(identities_of(image));
  return {{"import", kImportVersion},
          {"name", scan.name},
          {"images", images},
          {"label", identities_of(scan.label)}};
}

// A scan's place in the cache.
class CachedScan {
 public:
  CachedScan(const Scan& scan, const fs::path& folder) : scan_(scan), made_of_(made_of(scan)) {
    char key[17];
    std::snprintf(key, sizeof key, "%016llx",
                  static_cast<unsigned long long>(hash_of(json_text(made_of_))));
    constexpr std::size_t kLongest = 200;  // a name of a temporary file is longer
    const std::string name = scan.name.substr(0, kLongest);
    file_ = folder / key / (name + ".h5");
    record_ = folder / key / (name + ".json");
  }

  const Scan& scan() const { return scan_; }
  const fs::path& file() const { return file_; }

  // Returns the warnings of the import if it is there and complete: the record is written last.
  std::optional<std::vector<std::string>> warnings() const {
    const auto text = read_file_if_any(record_, "what a scan was imported from", ExitCode::kData);
    if (!text || kind_of(file_) != FileKind::kFile) return std::nullopt;
    const Json record = Json::parse(*text, nullptr, /*allow_exceptions=*/false);
    const bool is_ours = record.is_object() && record.value("made_of", Json()) == made_of_;
    if (!is_ours || !record.contains("warnings")) return std::nullopt;
    return record["warnings"].get<std::vector<std::string>>();
  }

  // Null if another process is importing the scan.
  std::unique_ptr<FolderLock> lock() const {
    return FolderLock::if_free(file_.parent_path(), "the folder of imported scans cannot be made");
  }

  void import(int threads, const ImportReport& report) const {
    for (const fs::path& path : {file_, record_}) remove_leftovers(path);
    UnfinishedFile unfinished(file_);
    hdf5::Writer writer(unfinished.path(), file_);
    const std::vector<std::string> warnings = import_scan(scan_, writer, threads, report);
    writer.close();
    if (made_of(scan_) != made_of_)
      fail(scan_.images.front().string(), "the image or its label changed while it was imported");
    std::error_code none;  // without the record of another import the file counts for nothing
    fs::remove(record_, none);
    unfinished.put_in_place();
    write_file_atomically(record_,
                          json_text(Json{{"made_of", made_of_}, {"warnings", warnings}}, 2) + "\n");
  }

 private:
  const Scan& scan_;
  Json made_of_;
  fs::path file_, record_;
};

// Imports what is missing. Scans that other processes are importing are left to them, and looked
// at again when all others are there.
class CacheFill {
 public:
  CacheFill(const std::vector<Scan>& scans, const ImportCacheOptions& options) : options_(options) {
    for (const Scan& scan : scans) scans_.emplace_back(scan, options.folder);
  }

  CachedScans run() {
    CachedScans cached;
    find_missing();
    total_ = missing_.size();
    try {
      while (!missing_.empty()) {
        const std::size_t before = missing_.size();
        std::erase_if(missing_, [&](std::size_t index) { return is_there(index, cached); });
        if (missing_.size() == before) wait();
      }
    } catch (const ImportStopped&) {
      cached.was_stopped = true;
      return cached;
    }
    for (std::size_t i = 0; i < scans_.size(); ++i) {
      cached.files.push_back(scans_[i].file());
      cached.warnings.insert(cached.warnings.end(), warnings_[i].begin(), warnings_[i].end());
    }
    return cached;
  }

 private:
  void find_missing() {
    warnings_.resize(scans_.size());
    for (std::size_t i = 0; i < scans_.size(); ++i)
      if (auto warnings = scans_[i].warnings())
        warnings_[i] = std::move(*warnings);
      else
        missing_.push_back(i);
  }

  bool is_there(std::size_t index, CachedScans& cached) {
    const CachedScan& scan = scans_[index];
    stop_if_asked();
    const auto lock = scan.lock();
    if (!lock) return false;
    auto warnings = scan.warnings();
    if (!warnings) {
      scan.import(options_.threads, [&](const std::string& name, double share) {
        stop_if_asked();
        tell(name, share);
      });
      ++cached.imported;
      warnings = scan.warnings();
    }
    ++done_;
    if (!warnings) fail(scan.file().string(), "expected what was just imported, found it removed");
    warnings_[index] = std::move(*warnings);
    return true;
  }

  void stop_if_asked() const {
    if (options_.is_to_stop()) throw ImportStopped{};
  }

  void tell(const std::string& name, double share) const {
    options_.report(name, (static_cast<double>(done_) + share) / static_cast<double>(total_));
  }

  void wait() const {
    constexpr auto kPause = std::chrono::milliseconds(20);
    stop_if_asked();
    tell("waiting for another process that imports " + scans_[missing_.front()].scan().name, 0);
    std::this_thread::sleep_for(kPause);
  }

  const ImportCacheOptions& options_;
  std::vector<CachedScan> scans_;
  std::vector<std::size_t> missing_;
  std::vector<std::vector<std::string>> warnings_;  // by scan
  std::size_t done_ = 0, total_ = 0;
};

}  // namespace

CachedScans import_to_cache(const std::vector<Scan>& scans, const ImportCacheOptions& options) {
  return CacheFill(scans, options).run();
}

}  // namespace lucid
