#include "train/tensorboard/tensorboard_log.h"

#include "train/tensorboard/hyperparameters.h"

namespace lucid {
namespace {

// Returns a google.protobuf.Value.
Message value_message(const Json& value) {
  if (value.is_boolean()) return Message().integer(4, value.get<bool>() ? 1 : 0);
  if (value.is_number()) return Message().number(2, value.get<double>());
  return Message().text(3, value.get<std::string>());
}

// Fields of HParamsPluginData.
constexpr int kSessionStart = 3, kSessionEnd = 4;

// There is no "_hparams_/experiment" beside it: TensorBoard takes that of any one run as that of
// all, and would show neither hyperparameters that this run lacks nor which of them differ. Without
// it, it finds both out.
SummaryMessage session_start(const Json& config) {
  Message info;
  for (const auto& [name, value] : hyperparameters(config))
    info.message(1, Message().text(1, name).message(2, value_message(value)));
  SummaryMessage summary;
  summary.add_plugin_data("_hparams_/session_start_info", "hparams",
                          Message().message(kSessionStart, info));
  return summary;
}

SummaryMessage session_end(RunStatus status) {
  constexpr std::int64_t kSuccess = 1, kFailure = 2;  // Status
  const Message info = Message().integer(1, status == RunStatus::kDiverged ? kFailure : kSuccess);
  SummaryMessage summary;
  summary.add_plugin_data("_hparams_/session_end_info", "hparams",
                          Message().message(kSessionEnd, info));
  return summary;
}

}  // namespace

TensorBoardLog::TensorBoardLog(const RunFolder& folder, const Json& config, Engine& engine,
                               Parameters& parameters, const Options& options)
    : options_(options),
      engine_(engine),
      parameters_(parameters),
      file_(folder.next_event_file(), options.step + 1) {
  file_.write(options.step, session_start(config).message());
}

void TensorBoardLog::step(const StepEvent& event) {
  has_gradients_ = true;
  if (event.step % options_.log_every != 0) return;
  SummaryMessage summary;
  summary.add_scalar("step/loss", static_cast<double>(event.loss));
  summary.add_scalar("step/lr", event.lr);
  if (!summary.is_empty()) file_.write(event.step, summary.message());
}

void TensorBoardLog::epoch(const EpochEvent& event) {
  SummaryMessage summary;
  summary.add_scalar("train/loss", event.train_loss);
  for (const NamedValues* values : {&event.validation.values, &event.validation.details})
    for (const auto& [name, value] : *values) summary.add_scalar("validation/" + name, value);
  summary.add_scalar("epoch/number", static_cast<double>(event.epoch));
  summary.add_scalar("epoch/lr", event.lr);
  summary.add_scalar("speed/seconds", event.seconds);
  summary.add_scalar("speed/samples_per_second", event.samples_per_second);
  summary.add_scalar("speed/data_wait", event.data_wait);
  if (wants_histograms(event.epoch)) add_histograms(summary);
  file_.write(event.step, summary.message());
}

bool TensorBoardLog::wants_histograms(std::int64_t epoch) const {
  const std::int64_t every = options_.histograms_every;
  return every > 0 && (epoch == 1 || epoch % every == 0);
}

// Gradients are those of the last step, as the optimizer got them.
void TensorBoardLog::add_histograms(SummaryMessage& summary) {
  for (const Parameter& parameter : parameters_) {
    if (!parameter.is_trained()) continue;
    summary.add_histogram("weights/" + parameter.name, parameter.value.plain_values(engine_));
    if (has_gradients_ && parameter.gradient)
      summary.add_histogram("gradients/" + parameter.name,
                            parameter.gradient.plain_values(engine_));
  }
}

void TensorBoardLog::picture(const PictureEvent& event) {
  SummaryMessage summary;
  summary.add_image("previews/" + event.name, {event.height, event.width, event.png});
  file_.write(event.step, summary.message());
}

// A run that was interrupted can go on. TensorBoard keeps the first end of a session that it sees.
void TensorBoardLog::end(const EndEvent& event) {
  if (event.status != RunStatus::kInterrupted)
    file_.write(event.step, session_end(event.status).message());
}

}  // namespace lucid
