#include "formats/open/file_identity.h"

#include <nlohmann/json.hpp>

#include "formats/zarr/zarr_path.h"
#include "formats/zarr/zarr_volume.h"

namespace lucid {

namespace fs = std::filesystem;

Json file_identity(const fs::path& path) {
  if (zarr_path(path)) {
    const ZarrIdentity store = zarr_identity(path);
    return {{"path", fs::weakly_canonical(path).string()},
            {"files", store.files},
            {"bytes", store.bytes},
            {"written", store.written}};
  }
  return {{"path", fs::weakly_canonical(path).string()},
          {"bytes", fs::file_size(path)},
          {"written", fs::last_write_time(path).time_since_epoch().count()}};
}

}  // namespace lucid
