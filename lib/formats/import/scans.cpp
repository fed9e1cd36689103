#include "formats/import/scans.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "formats/import/cases.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

void check_header(const fs::path& path) {
  if (!has_header(path))
    throw Error(ExitCode::kUsage, path.string() +
                                      ": a raw file says nothing of its numbers; convert it with "
                                      "lucid-data import");
}

}  // namespace

std::vector<Scan> pair_scans(const std::vector<std::string>& images,
                             const std::vector<std::string>& labels) {
  std::vector<Scan> scans;
  for (const ImportCase& one : find_cases(images, labels, {.are_archives_volumes = true}).cases) {
    for (const fs::path& image : one.images) check_header(image);
    check_header(one.label.value());
    scans.push_back({one.name, one.images, *one.label});
  }
  std::ranges::sort(scans, {}, [](const Scan& scan) { return scan.name + "/"; });
  return scans;
}

std::vector<std::string> import_scan(const Scan& scan, hdf5::Writer& output, int threads,
                                     const ImportReport& report) {
  // Of MRI and CT, the next levels save some percent of the space and take longer.
  constexpr int kDeflate = 1;
  ImportOptions options;
  for (const fs::path& image : scan.images) options.inputs.push_back(image.string());
  options.labels = {scan.label.string()};
  options.are_archives_volumes = true;
  options.deflate = kDeflate;
  options.threads = threads;
  return import_volumes(options, output, report).warnings;
}

}  // namespace lucid
