#pragma once
// Private to this room.

#include <cstdint>
#include <string>

#include "ranks/ranks.h"
#include "train/progress.h"
#include "train/report/report.h"
#include "train/report/run_folder.h"
#include "train/session/divergence.h"
#include "train/session/session.h"

namespace lucid {

// Describes a run that starts or resumes; `batches` is the count of an epoch.
BeginEvent begin_event(Session& session, const RunFolder& folder, const Progress& progress,
                       std::int64_t batches);

// Returns the value that `monitor` names: "train.loss", or "validation." and a name.
TimeLimitEvent time_limit_event(const Progress& progress, const RunLength& length, double limit);
double monitored_value(const EpochEvent& event, const std::string& monitor);

// Tells where the run diverged, which checkpoint is good and what may help.
std::string divergence_text(const Divergence& divergence, const Progress& progress,
                            const RunFolder& folder);

// Tells which step was saved where, when data could not be read.
std::string saved_text(const Progress& progress, const RunFolder& folder);

// Returns the shares of an epoch's `seconds` in which each rank waited; empty if there is only one.
// `waited` is what this rank did, in seconds. All ranks call it.
std::vector<RankWaits> waits_of_ranks(Ranks& ranks, const RankWaits& waited, double seconds);

// Returns what was read between two counts.
ReadCounts since(const ReadCounts& before, const ReadCounts& now);

}  // namespace lucid
