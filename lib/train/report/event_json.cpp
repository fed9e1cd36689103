#include "train/report/event_json.h"

#include <nlohmann/json.hpp>

namespace lucid {

Json event_json(const BeginEvent& event) {
  return {{"event", "begin"},
          {"name", event.name},
          {"folder", event.folder},
          {"machine", event.machine},
          {"epoch", event.epoch},
          {"epochs", event.epochs},
          {"batches", event.batches},
          {"steps", event.steps},
          {"train_samples", event.train_samples},
          {"validation_samples", event.validation_samples},
          {"parameters", event.parameters},
          {"monitor", event.monitor},
          {"best", event.has_best ? Json(event.best) : Json()}};
}

Json event_json(const StepEvent& event) {
  return {{"event", "step"},
          {"epoch", event.epoch},
          {"step", event.step},
          {"loss", event.loss},
          {"lr", event.lr}};
}

Json event_json(const EpochEvent& event) {
  Json line = {{"event", "epoch"},
               {"epoch", event.epoch},
               {"step", event.step},
               {"train", {{"loss", event.train_loss}}}};
  if (!event.validation.values.empty()) add_measurements(event.validation, line["validation"]);
  line["lr"] = event.lr;
  line["seconds"] = event.seconds;
  line["samples_per_second"] = event.samples_per_second;
  line["data_wait"] = event.data_wait;
  for (const RankWaits& waits : event.ranks)
    line["ranks"].push_back(
        {{"data_wait", waits.data}, {"communication_wait", waits.communication}});
  line["bytes_read"] = event.read.stored_bytes;
  line["bytes_decoded"] = event.read.decoded_bytes;
  line["cache_hits"] = event.read.hits;
  line["cache_misses"] = event.read.misses;
  line["best"] = event.best;
  return line;
}

Json event_json(const TimeLimitEvent& event) {
  return {{"event", "time_limit"},    {"epoch", event.epoch},
          {"step", event.step},       {"epochs", event.epochs},
          {"steps", event.steps},     {"epoch_seconds", event.epoch_seconds},
          {"seconds", event.seconds}, {"limit_seconds", event.limit_seconds}};
}

Json event_json(const EndEvent& event) {
  Json line = {{"event", "end"},
               {"status", status_text(event.status)},
               {"epoch", event.epoch},
               {"step", event.step},
               {"monitor", event.monitor}};
  line["best"] = event.has_best ? Json(event.best) : Json();
  if (!event.message.empty()) line["message"] = event.message;
  return line;
}

}  // namespace lucid
