#include "train/run_events.h"
#include "train/session/divergence.h"
#include "train/trainer.h"

// What a trainer saves, and when it cannot go on.
namespace lucid {

void Trainer::save_first() {
  if (!is_first_saved_) save_last(progress_);
  is_first_saved_ = true;
}

// Cases go to the disk before the epoch's event, so that who receives that can read them.
void Trainer::save_cases(const EpochEvent& event) {
  const AveragedParameters averaged(ema_, session_.model().parameters());
  for (const PictureEvent& picture : cases_.write(event)) tell(&Report::picture, picture);
}

// Metrics go to the disk first: a run that is resumed counts on those before its checkpoint.
void Trainer::save_last(const Progress& progress) {
  if (!ranks_.is_first()) return;
  for (Report* report : reports_) report->sync();
  checkpoints_.save_last(progress);
}

// All batches of a step are read before it begins, so that data which cannot be read leave the
// state of the last one. Returns false if nothing could be saved.
bool Trainer::save_between_steps() {
  if (is_within_step_) return false;
  try {
    save_last(progress_);
    return true;
  } catch (const Divergence&) {
    return false;
  } catch (const Error&) {
    return false;
  }
}

// A disk that is full takes no checkpoint.
std::string Trainer::failure_text(const Error& error) {
  std::string message = error.what();
  if (error.code() == ExitCode::kData && save_between_steps())
    message += "; " + saved_text(progress_, folder_);
  try {
    end(RunStatus::kInterrupted, message);
  } catch (const Error&) {  // the first one says more
  }
  return message;
}

}  // namespace lucid
