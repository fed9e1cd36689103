#pragma once

#include <fstream>
#include <vector>

#include "train/report/report.h"
#include "train/report/run_folder.h"

namespace lucid {

// Writes metrics.jsonl, metrics.csv and log.txt and flushes every line. Throws Error(kFailed) when
// writing fails.
class RunLog : public Report {
 public:
  // Logs the steps that are divisible by `log_every`. `validation_columns` are the names of the
  // validation values in the CSV file.
  RunLog(const RunFolder& folder, std::int64_t log_every,
         std::vector<std::string> validation_columns);

  // Removes the lines logged after that point, so that a resumed run does not repeat them. Call it
  // before begin().
  static void rewind(const RunFolder& folder, std::int64_t complete_epochs, std::int64_t step);

  void begin(const BeginEvent& event) override;
  void step(const StepEvent& event) override;
  void epoch(const EpochEvent& event) override;
  void time_limit(const TimeLimitEvent& event) override;
  void end(const EndEvent& event) override;
  void note(const std::string& line) override;
  void sync() override;

 private:
  class LineFile {
   public:
    explicit LineFile(const std::filesystem::path& path);
    void write(const std::string& line);
    bool is_empty() const;
    void sync() const;

   private:
    std::filesystem::path path_;
    std::ofstream stream_;
  };

  std::int64_t log_every_, epochs_ = 1;
  std::vector<std::string> validation_columns_;
  LineFile log_, metrics_, table_;
};

}  // namespace lucid
