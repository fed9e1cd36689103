#include "support/experiment.h"

#include "data/hdf5/write.h"
#include "train/report/run_log.h"

namespace lucid::test {

void write_set(const std::filesystem::path& file, const SetSpec& spec) {
  Rng rng(spec.seed, "set");
  const std::size_t voxels = spec.volume.count();
  std::vector<float> volumes, values;
  std::vector<std::uint8_t> labels, voxel_labels;
  for (std::int64_t i = 0; i < spec.count; ++i) {
    const auto label = static_cast<std::uint8_t>(i % spec.classes);
    labels.push_back(label);
    for (std::size_t k = 0; k < voxels; ++k)
      volumes.push_back(static_cast<float>(0.5 * rng.normal() + label));
    for (std::size_t k = 0; k < voxels / static_cast<std::size_t>(spec.volume[0]); ++k)
      voxel_labels.push_back(
          static_cast<std::uint8_t>(rng.below(static_cast<std::uint64_t>(spec.classes))));
    values.insert(values.end(), {static_cast<float>(label), static_cast<float>(rng.normal())});
  }
  hdf5::Writer writer(file);
  writer.write<float>("volumes", spec.volume.with_batch(spec.count), volumes);
  writer.write<std::uint8_t>("labels", {spec.count}, labels);
  writer.write<std::uint8_t>("voxels", spec.volume.without_first().with_batch(spec.count),
                             voxel_labels);
  writer.write<float>("values", {spec.count, 2}, values);
  writer.close();
}

Experiment::Experiment()
    : json(parse_json(R"({
        "model": {
          "input": {"channels": 1, "size": 6},
          "layers": [
            {"type": "Conv3D", "out_channels": 4, "kernel_size": 3},
            {"type": "ReLU"},
            {"type": "MaxPool3D", "kernel_size": 2},
            {"type": "Linear", "out_features": 3}
          ]
        },
        "data": {
          "train": {"files": "train.h5", "input": "volumes", "target": "labels"},
          "validation": {"files": "validation.h5", "input": "volumes", "target": "labels"},
          "batch_size": 5
        },
        "loss": {"type": "CrossEntropyLoss"},
        "optimizer": {"type": "SGD", "lr": 0.05, "momentum": 0.9},
        "metrics": ["accuracy"],
        "train": {"epochs": 2, "log_every": 1}
      })",
                      "a.json")) {
  write_set(folder / "train.h5");
  write_set(folder / "validation.h5", {.count = 7, .seed = 2});
}

EndEvent Experiment::train(const std::string& run, const StopRequest& stop) {
  return go(config(), at(run), nullptr, stop);
}

EndEvent Experiment::resume(const std::string& run, const Overrides& overrides,
                            const StopRequest& stop) {
  const CheckpointFile checkpoint(last(run));
  return go(read_resumed_config(checkpoint, "", overrides), at(run), &checkpoint, stop);
}

EndEvent Experiment::go(RunConfig config, const RunFolder& run, const CheckpointFile* checkpoint,
                        const StopRequest& stop) {
  Session session(std::move(config), 1, run.measured());
  session.resolve_auto();
  if (checkpoint == nullptr) session.load_weights();
  Trainer trainer(session, run, stop);
  if (checkpoint != nullptr) notes = trainer.resume(*checkpoint);
  const RunLock lock = run.lock();
  if (checkpoint == nullptr) run.create();
  session.sets().save_measured();
  run.write_config(session.config().json);
  if (checkpoint != nullptr)
    RunLog::rewind(run, checkpoint->integer("epoch"), checkpoint->integer("step"));
  RunLog log(run, session.config().train.log_every, session.validation_columns());
  return trainer.run({&log});
}

std::vector<Json> Experiment::metrics(const std::string& run, const std::string& event) const {
  std::ifstream stream(at(run).metrics());
  std::vector<Json> events;
  for (std::string line; std::getline(stream, line);) {
    Json read = parse_json(line, "metrics.jsonl");
    if (event.empty() || read["event"] == event) events.push_back(std::move(read));
  }
  return events;
}

StopRequest stop_after(int steps) {
  return [steps]() mutable { return --steps <= 0; };
}

Snapshot snapshot(const std::filesystem::path& checkpoint) {
  Snapshot result;
  const hdf5::File file(checkpoint);
  for (const std::string& name : file.datasets())
    result.arrays[name] = file.open(name).read<float>();
  for (const char* name : {"epoch", "step", "batch", "samples", "epochs_since_best", "has_best",
                           "optimizer_steps", "batch_size", "ema_updates", "plateau_has_best",
                           "plateau_bad_epochs", "plateau_cooldown", "plateau_reductions"})
    result.integers[name] = *file.attribute<std::int64_t>("state", name);
  result.best = *file.attribute<double>("state", "best");
  result.plateau_best = *file.attribute<double>("state", "plateau_best");
  for (std::int64_t loss = 0; loss < *file.attribute<std::int64_t>("state", "losses"); ++loss) {
    const std::string number = std::to_string(loss);
    const auto sums = *file.attribute<std::int64_t>("state", "loss_sums_" + number);
    for (std::int64_t k = 0; k < sums; ++k)
      result.loss_sums.push_back(
          *file.attribute<double>("state", "loss_sum_" + number + "_" + std::to_string(k)));
  }
  return result;
}

}  // namespace lucid::test
