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
  Progress saved = progress;
  if (config_.limit_seconds) saved.seconds = spent_seconds();
  checkpoints_.save_last(saved);
}

// The first rank's clock counts. `step_seconds` are those of the epoch's steps: what has been done
// since is done in every epoch, and so are the checkpoints that follow.
void Trainer::fit_to_time_limit(double step_seconds) {
  if (!config_.limit_seconds) return;
  const double after_steps = epoch_part_.watch.seconds() - step_seconds;
  const double own[] = {spent_seconds(), epoch_part_.steps.seconds(length_.steps_per_epoch) +
                                             after_steps + checkpoints_.seconds_of_epoch()};
  const std::vector<double> all = ranks_.gathered(own);
  progress_.seconds = all[0];
  progress_.epoch_seconds = all[1];
  const bool is_first_time = is_to_be_fitted(progress_, config_);
  if (!fit_epochs(progress_, config_) && !is_first_time) return;
  length_ = run_length(session_, progress_);
  tell(&Report::time_limit, time_limit_event(progress_, length_, *config_.limit_seconds));
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
