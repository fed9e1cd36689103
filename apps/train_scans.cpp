#include "train_scans.h"

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/text.h"
#include "stop_signal.h"
#include "tensor/engine.h"
#include "train/session/imported_sets.h"
#include "work_progress.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

ImportedSets import_shown(const RunConfig& config, const fs::path& folder,
                          const TrainOptions& options) {
  const bool is_shown = options.progress_kind() == ProgressKind::kBar ||
                        options.progress_kind() == ProgressKind::kPlain;
  std::optional<WorkProgress> progress;
  if (is_shown) progress.emplace();
  ImportedSets sets =
      import_sets(config, {.folder = folder,
                           .threads = options.threads > 0 ? options.threads : default_threads(),
                           .report =
                               [&](const std::string& name, double share) {
                                 if (progress) progress->update("imported: " + name, share);
                               },
                           .is_to_stop = [] { return stop_signal() != 0; }});
  progress.reset();
  if (is_shown && sets.imported > 0)
    std::cerr << "imported " << sets.imported << " of " << sets.volumes << " volumes to "
              << printable(folder.string()) << std::endl;
  return sets;
}

// The others take the first rank's word for what is there: folders of other machines may be late.
void share(ImportedSets& sets, Ranks& ranks) {
  const std::string own =
      ranks.is_first() ? json_text(Json{{"train", sets.train}, {"validation", sets.validation}})
                       : std::string();
  const std::vector<std::byte> told = ranks.gathered_bytes(std::as_bytes(std::span(own))).front();
  const Json files =
      parse_json({reinterpret_cast<const char*>(told.data()), told.size()}, "imported sets");
  sets.train = files.at("train").get<std::vector<std::string>>();
  sets.validation = files.at("validation").get<std::vector<std::string>>();
}

}  // namespace

TrainScans import_scans(RunConfig& config, const fs::path& folder, const TrainOptions& options) {
  if (!has_scans(config)) return {};
  Ranks& ranks = *options.ranks;
  ImportedSets sets;
  if (ranks.is_first()) sets = import_shown(config, folder, options);
  share(sets, ranks);
  const double own = stop_signal();
  const int signal = static_cast<int>(std::ranges::max(ranks.gathered({&own, 1})));
  if (ranks.any(sets.was_stopped)) return {.exit_code = 128 + signal};
  use_imported(sets, config);
  return {.warnings = sets.warnings};
}

}  // namespace lucid
