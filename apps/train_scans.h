#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "train/config/run_config.h"
#include "train_options.h"

namespace lucid {

struct TrainScans {
  std::vector<std::string> warnings{};
  int exit_code = 0;  // not 0 if a signal stopped the import
};

// Imports the scans among the files of the config's sets to `folder`, unless they are there, and
// puts the imported files in their place. Of several ranks the first one imports. Throws Error.
TrainScans import_scans(RunConfig& config, const std::filesystem::path& folder,
                        const TrainOptions& options);

}  // namespace lucid
