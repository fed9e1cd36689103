#pragma once
// Private to this room.

#include <vector>

#include "train/cases/case_file.h"
#include "train/cases/case_slices.h"
#include "train/report/report.h"
#include "train/report/run_folder.h"
#include "train/validation.h"

namespace lucid {

// Writes what a run's folder holds of the validation cases: cases.json and pictures. Of several
// ranks, the first writes, and the others predict some of what it draws.
class CaseReport {
 public:
  // All arguments must outlive the report. Without a validation set nothing is written.
  CaseReport(Session& session, const Validation& validation, const RunFolder& folder, Ranks& ranks);

  // Writes what is due behind the validation of an epoch, and returns the pictures that were
  // drawn. The parameters have to be those that were validated.
  std::vector<PictureEvent> write(const EpochEvent& event);

 private:
  struct Drawn {
    std::string name, file;  // of the event; relative to the folder
    std::size_t row = 0;
  };

  bool draws_best(std::span<const std::size_t> cases) const;
  std::vector<PictureEvent> write_best(const EpochEvent& event);
  std::vector<Drawn> fixed_cases(std::int64_t epoch) const;
  std::vector<PictureEvent> draw(const std::vector<Drawn>& drawn, const EpochEvent& event);
  std::string values_text(std::size_t row) const;

  Session& session_;
  const Validation& validation_;
  const RunFolder& folder_;
  Ranks& ranks_;
  std::optional<CaseSlices> slices_;
  std::string ranked_by_ = "loss";
  bool higher_is_better_ = false;
};

}  // namespace lucid
