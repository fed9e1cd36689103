#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "plan/parameters.h"
#include "train/report/report.h"
#include "train/report/run_folder.h"
#include "train/tensorboard/event_file.h"
#include "train/tensorboard/summary.h"

namespace lucid {

// Writes a run as TensorBoard reads it, into a file of the run's folder: scalars, histograms,
// pictures and hyperparameters. Every event is flushed. Throws Error(kFailed) when writing fails.
class TensorBoardLog : public Report {
 public:
  struct Options {
    std::int64_t log_every = 1;         // steps, as RunLog's
    std::int64_t histograms_every = 1;  // epochs; 0: none
    std::int64_t step = 0;              // how far the run has come before this process
  };

  // Opens a file that comes behind those of the folder. `config` is the effective one. The engine
  // and the parameters must outlive the log.
  TensorBoardLog(const RunFolder& folder, const Json& config, Engine& engine,
                 Parameters& parameters, const Options& options);

  void step(const StepEvent& event) override;
  void epoch(const EpochEvent& event) override;
  void picture(const PictureEvent& event) override;
  void end(const EndEvent& event) override;
  void sync() override { file_.sync(); }

 private:
  bool wants_histograms(std::int64_t epoch) const;
  void add_histograms(SummaryMessage& summary);

  Options options_;
  Engine& engine_;
  Parameters& parameters_;
  EventFile file_;
  bool has_gradients_ = false;  // no step was taken yet
};

}  // namespace lucid
