#include "train/divergence.h"
#include "train/run_events.h"
#include "train/trainer.h"

// What a trainer saves, and when it cannot go on.
namespace lucid {

void Trainer::save_first() {
  if (!is_first_saved_) save_last(progress_);
  is_first_saved_ = true;
}

void Trainer::keep_state() {
  kept_ = progress_;
  checkpoints_.keep_buffers();
}

// Metrics go to the disk first: a run that is resumed counts on those before its checkpoint.
void Trainer::save_last(const Progress& progress) {
  for (Report* report : reports_) report->sync();
  checkpoints_.save_last(progress);
}

// Saves the state after the last complete step. Returns false if that failed.
bool Trainer::save_kept() {
  try {
    progress_ = kept_;
    checkpoints_.restore_buffers();
    save_last(progress_);
    return true;
  } catch (const Divergence&) {
    return false;
  } catch (const Error&) {
    return false;
  }
}

// Only data fail between two steps with the state sound; a disk that is full takes no checkpoint.
std::string Trainer::failure_text(const Error& error) {
  std::string message = error.what();
  if (error.code() == ExitCode::kData && save_kept())
    message += "; " + saved_text(progress_, folder_);
  try {
    end(RunStatus::kInterrupted, message);
  } catch (const Error&) {  // the first one says more
  }
  return message;
}

}  // namespace lucid
