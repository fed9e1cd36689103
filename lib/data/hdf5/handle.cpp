#include "data/hdf5/handle.h"

#include <hdf5.h>

#include <algorithm>
#include <cstdlib>

namespace lucid::hdf5 {
namespace {

static_assert(sizeof(hid_t) == sizeof(std::int64_t) && sizeof(herr_t) == sizeof(int));

// Readers neither wait for other programs nor lock them out, unless the user says otherwise. A
// property of the file would not do: HDF5 passes it on neither to external links nor to virtual
// sources, and then refuses to open a file that is open already.
const int kNoFileLocking = setenv("HDF5_USE_FILE_LOCKING", "FALSE", 0);

std::recursive_mutex& library_mutex() {
  // HDF5's clean-up at exit prints and loops if a file could not be closed, so it is disabled.
  static const herr_t kNoExitHandler = H5dont_atexit();
  static std::recursive_mutex mutex;
  (void)kNoExitHandler;
  (void)kNoFileLocking;
  return mutex;
}

herr_t keep_innermost(unsigned depth, const H5E_error2_t* entry, void* text) {
  if (depth == 0 && entry->desc != nullptr) *static_cast<std::string*>(text) = entry->desc;
  return 0;
}

}  // namespace

Lock::Lock() : lock_(library_mutex()) { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }

int Handle::release() {
  if (id_ < 0) return 0;
  const Lock lock;
  return close_(std::exchange(id_, -1));
}

std::string last_reason() {
  const Lock lock;
  std::string text;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, &text);
  // HDF5 writes "file write failed: time = .., errno = 28, error message = 'No space left on
  // device', ..".
  static const std::string kMark = "error message = '";
  if (const auto mark = text.find(kMark); mark != std::string::npos) {
    const auto begin = mark + kMark.size();
    return text.substr(begin, text.find('\'', begin) - begin);
  }
  // Details after " = " are for HDF5's authors: "truncated file: eof = 96, sblock->base_addr = 0".
  if (const auto detail = text.find(" = "); detail != std::string::npos) {
    const auto end = std::min(text.find(": "), text.find(", "));
    if (end < detail) text.resize(end);
  }
  return text.empty() ? "HDF5 gives no reason" : text;
}

}  // namespace lucid::hdf5
