#include "runs/page/page_report.h"

namespace lucid {
namespace {

constexpr double kMostShare = 0.05;  // of the time, for writing pages

}  // namespace

void PageReport::begin(const BeginEvent&) { write(true); }

void PageReport::epoch(const EpochEvent&) {
  if (write_seconds_ <= kMostShare * since_written_.seconds()) write(true);
}

void PageReport::end(const EndEvent&) { write(false); }

void PageReport::write(bool is_running) {
  Stopwatch watch;
  try {
    if (page_)
      page_->read_more();
    else
      page_.emplace(folder_.path());
    page_->write(is_running, folder_.report());
  } catch (const Error& error) {
    if (!has_warned_) warn_(std::string("warning: ") + error.what());
    has_warned_ = true;
  }
  write_seconds_ = watch.seconds();
  since_written_.restart();
}

}  // namespace lucid
