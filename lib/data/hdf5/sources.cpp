#include "data/hdf5/sources.h"

#include <fcntl.h>
#include <hdf5.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>

#include "base/text.h"
#include "data/hdf5/open.h"

namespace lucid::hdf5 {
namespace {

namespace fs = std::filesystem;

// HDF5 recurses into virtual sources, and reads a source once for each way that leads to it.
constexpr std::size_t kDeepestSource = 32;
constexpr std::uint64_t kMostReads = 1000000;

void check_filters(const Handle& creation, const std::string& place) {
  const int count = H5Pget_nfilters(creation.id());
  for (int i = 0; i < count; ++i) {
    std::array<char, 64> name{};
    std::size_t values = 0;
    const H5Z_filter_t filter =
        H5Pget_filter2(creation.id(), static_cast<unsigned>(i), nullptr, &values, nullptr,
                       name.size() - 1, name.data(), nullptr);
    if (H5Zfilter_avail(filter) <= 0)
      fail(place, "expected a filter that HDF5 can load, found " + in_quotes(name.data()) + " (" +
                      std::to_string(filter) + "); HDF5_PLUGIN_PATH names the plugins' folder");
  }
}

std::uintmax_t product_or_most(std::uintmax_t a, std::uintmax_t b) {
  std::uintmax_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? UINTMAX_MAX : product;
}

std::uintmax_t stored_bytes(const Handle& dataset) {
  const Handle type(H5Dget_type(dataset.id()), H5Tclose);
  const Handle space(H5Dget_space(dataset.id()), H5Sclose);
  const hssize_t elements = H5Sget_simple_extent_npoints(space.id());
  return product_or_most(static_cast<std::uintmax_t>(std::max<hssize_t>(elements, 0)),
                         H5Tget_size(type.id()));
}

// Returns the file that holds the dataset, to which an external link may lead.
fs::path file_of(const Handle& dataset, const fs::path& otherwise) {
  std::array<char, 4096> name{};
  return H5Fget_name(dataset.id(), name.data(), name.size()) > 0 ? name.data() : otherwise;
}

// HDF5 reads zeros beyond the end of an external file, so its length is checked.
void check_external(const Handle& dataset, const Handle& creation, const fs::path& folder,
                    const std::string& place) {
  const int count = H5Pget_external_count(creation.id());
  std::uintmax_t wanted = count > 0 ? stored_bytes(dataset) : 0;
  for (int i = 0; i < count && wanted > 0; ++i) {
    std::array<char, 4096> name{};
    off_t offset = 0;
    hsize_t size = 0;
    if (H5Pget_external(creation.id(), static_cast<unsigned>(i), name.size() - 1, name.data(),
                        &offset, &size) < 0)
      fail(place, "its external files cannot be listed: " + last_reason());
    const fs::path path = folder / name.data();
    const std::uintmax_t part = std::min<std::uintmax_t>(wanted, size);
    std::error_code failed;
    const std::uintmax_t found = fs::file_size(path, failed);
    if (failed)
      fail(place, "its external file " + in_quotes(path.string()) +
                      " cannot be read: " + failed.message());
    const auto begin = static_cast<std::uintmax_t>(offset);
    if (offset < 0 || found < begin || found - begin < part)
      fail(place, "its external file " + in_quotes(path.string()) + ": expected " +
                      std::to_string(part + begin) + " bytes, found " + std::to_string(found));
    wanted -= part;
  }
}

// Turns "part%b.h5" with block 3 into "part3.h5"; "%%" is one "%".
std::string block_name(const std::string& pattern, std::size_t block) {
  std::string name;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char next = pattern[i] == '%' && i + 1 < pattern.size() ? pattern[i + 1] : '\0';
    if (next == 'b') name += std::to_string(block);
    if (next == '%') name += '%';
    if (next == 'b' || next == '%')
      ++i;
    else
      name += pattern[i];
  }
  return name;
}

// Follows virtual datasets from the requested one down; each dataset is checked once.
class Sources {
 public:
  explicit Sources(const Handle& first) : first_(first) {}

  // Returns how many sources HDF5 reads for the whole dataset.
  std::uint64_t check(const Handle& file, const std::string& name, const fs::path& path) {
    const std::string place = path.string() + ": /" + name;
    const Handle dataset = open_dataset(file, name, place);
    const Handle creation(
        checked(H5Dget_create_plist(dataset.id()), ExitCode::kData, place, "cannot be read"),
        H5Pclose);
    check_filters(creation, place);
    const fs::path home = file_of(dataset, path);
    if (H5Pget_layout(creation.id()) != H5D_VIRTUAL) {
      check_external(dataset, creation, home.parent_path(), place);
      return 1;
    }
    const std::string identity = find_object(file, name).identity;
    if (std::ranges::find(chain_, identity) != chain_.end())
      fail(place, "is a virtual dataset that is made of itself");
    if (const auto known = reads_.find(identity); known != reads_.end()) return known->second;
    if (chain_.size() >= kDeepestSource)
      fail(place, "expected virtual datasets at most " + std::to_string(kDeepestSource) +
                      " deep, found more");
    chain_.push_back(identity);
    const std::uint64_t reads = check_mappings(creation, home, place);
    chain_.pop_back();
    reads_.emplace(identity, reads);
    return reads;
  }

  std::vector<Handle> files() {
    std::vector<Handle> files;
    for (auto& [path, file] : files_) files.push_back(std::move(file));
    return files;
  }

 private:
  std::uint64_t check_mappings(const Handle& creation, const fs::path& path,
                               const std::string& place) {
    std::size_t count = 0;
    H5Pget_virtual_count(creation.id(), &count);
    std::uint64_t reads = 0;
    for (std::size_t i = 0; i < count; ++i) {
      reads += check_mapping(creation, i, path, place);
      if (reads > kMostReads)
        fail(place, "expected at most " + with_thousands(kMostReads) +
                        " virtual sources, counted once for each use, found more");
    }
    return reads;
  }

  std::uint64_t check_mapping(const Handle& creation, std::size_t index, const fs::path& file,
                              const std::string& place) {
    std::array<char, 4096> source_file{}, source_name{};
    if (H5Pget_virtual_filename(creation.id(), index, source_file.data(), source_file.size()) < 0 ||
        H5Pget_virtual_dsetname(creation.id(), index, source_name.data(), source_name.size()) < 0)
      fail(place, "its virtual sources cannot be listed: " + last_reason());
    // Numbered sources end at the first that is missing; all others have to exist.
    std::uint64_t reads = 0;
    for (std::size_t block = 0;; ++block) {
      const std::string path = block_name(source_file.data(), block);
      const std::string name = block_name(source_name.data(), block);
      const bool is_numbered = path != block_name(source_file.data(), block + 1) ||
                               name != block_name(source_name.data(), block + 1);
      const std::string missing = check_source(file, path, name, place, reads);
      if (!missing.empty() && (!is_numbered || block == 0)) fail(place, missing);
      if (!missing.empty() || !is_numbered || reads > kMostReads) return reads;
    }
  }

  // Adds to `reads` and returns an empty text, or returns why the source is missing.
  std::string check_source(const fs::path& file, const std::string& source, const std::string& name,
                           const std::string& place, std::uint64_t& reads) {
    fs::path path = source == "." ? file : file.parent_path() / source;
    std::error_code failed;
    if (!fs::exists(path, failed)) path = fs::weakly_canonical(file, failed).parent_path() / source;
    if (!fs::exists(path, failed))
      return "its virtual source " + in_quotes(source) + " does not exist";
    const Handle& opened = source_file(path, place);
    if (find_object(opened, name).kind != ObjectKind::kDataset)
      return "its virtual source " + in_quotes(path.string()) + " has no dataset " +
             in_quotes(name);
    reads += check(opened, without_slashes(name), path);
    return {};
  }

  const Handle& source_file(const fs::path& path, const std::string& place) {
    std::error_code failed;
    const fs::path canonical = fs::canonical(path, failed);
    const auto known = files_.find(canonical);
    if (known != files_.end()) return known->second;
    try {
      check_free_descriptor(path.string());
      return files_.emplace(canonical, open_source(path, first_)).first->second;
    } catch (const Error& error) {
      fail(place, std::string("its virtual source ") + error.what());
    }
  }

  const Handle& first_;  // the file of the requested dataset
  std::vector<std::string> chain_;
  std::map<std::string, std::uint64_t> reads_;  // of virtual datasets that are checked
  std::map<fs::path, Handle> files_;
};

}  // namespace

std::vector<Handle> open_sources(const Handle& file, const std::string& name,
                                 const fs::path& path) {
  Sources sources(file);
  sources.check(file, name, path);
  return sources.files();
}

void check_free_descriptor(const std::string& place) {
  const int descriptor = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    fail(place, std::string("cannot be opened: ") + std::strerror(errno) +
                    "; ulimit -n sets the number of open files");
  ::close(descriptor);
}

}  // namespace lucid::hdf5
