#include <doctest/doctest.h>

#include "data/hdf5/write.h"
#include "support/experiment.h"
#include "support/from_text.h"
#include "support/storm_experiments.h"

// Data that turn out to be bad within an epoch end a run, which loses nothing.
namespace lucid {
namespace {

using test::Experiment;

constexpr std::size_t kSample = 7;

// A run that reads each sample when it needs it, and whose batches are half of a step.
void prepare(Experiment& experiment) {
  test::use_everything(experiment);
  experiment.json["train"]["checkpoint_every"] = {{"minutes", 30}};
  experiment.json["data"]["cache_mb"] = 0;
  experiment.json["data"]["normalize"] = nullptr;
  const hdf5::File old(experiment / "train.h5");
  const hdf5::Array volumes = old.open("volumes");
  hdf5::Writer writer(experiment / "chunks.h5");
  writer.write<float>("volumes", volumes.shape(), volumes.read<float>(),
                      {.rows_per_chunk = 1, .has_checksums = true});
  writer.write<std::uint8_t>("labels", {12}, {{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2}});
  writer.close();
  experiment.json["data"]["train"]["files"] = "chunks.h5";
}

// Changes a byte of the sample in the file, and back when it is called again.
void change(const Experiment& experiment) {
  const auto values = hdf5::File(experiment / "train.h5").open("volumes").read<float>();
  const auto sample = std::as_bytes(std::span(values).subspan(kSample * 216 + 4, 100));
  std::string text = test::read_text(experiment / "chunks.h5");
  const auto at = text.find(std::string(reinterpret_cast<const char*>(sample.data()), 400));
  REQUIRE(at != std::string::npos);
  text[at - 4] ^= 1;
  experiment.folder.write("chunks.h5", text);
}

}  // namespace

TEST_CASE("a chunk that cannot be read ends a run, which goes on once it can") {
  Experiment experiment;
  prepare(experiment);
  experiment.train("straight");
  change(experiment);
  const std::string error = test::error_of([&] { experiment.train("run"); });
  CHECK(error.starts_with("3: " + (experiment / "chunks.h5").string() + ": /volumes: "));
  const auto saved = test::snapshot(experiment.last("run"));
  CHECK(saved.integers.at("step") == 2);
  CHECK(saved.integers.at("batch") == 4);
  CHECK(error.ends_with("; step 2 of the run is saved in " + experiment.last("run").string() +
                        ", from where --resume goes on"));
  CHECK(experiment.metrics("run", "end").size() == 1);
  CHECK(experiment.metrics("run").back()["status"] == "interrupted");
  CHECK("3: " + experiment.metrics("run").back()["message"].get<std::string>() == error);
  change(experiment);
  experiment.resume("run", {});
  REQUIRE(experiment.notes.size() == 1);
  CHECK(experiment.notes.front().starts_with("warning: the training set has changed: "));
  CHECK(test::snapshot(experiment.last("run")) == test::snapshot(experiment.last("straight")));
  CHECK(experiment.metrics("run", "step") == experiment.metrics("straight", "step"));
}

TEST_CASE("a sample that is not finite ends a run, which keeps its last step") {
  Experiment experiment;
  prepare(experiment);
  experiment.json["data"]["train"]["files"] = "train.h5";
  experiment.train("straight");
  auto values = hdf5::File(experiment / "train.h5").open("volumes").read<float>();
  values[kSample * 216] = std::numeric_limits<float>::quiet_NaN();
  std::filesystem::copy(experiment / "train.h5", experiment / "sound.h5");
  hdf5::Writer writer(experiment / "train.h5");
  writer.write<float>("volumes", {12, 1, 6, 6, 6}, values);
  writer.write<std::uint8_t>("labels", {12}, {{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2}});
  writer.close();
  CHECK(test::error_of([&] { experiment.train("run"); }).starts_with("4: epoch 1, step 3: "));
  CHECK(experiment.metrics("run").back()["status"] == "diverged");
  CHECK(test::snapshot(experiment.last("run")).integers.at("step") == 2);
  std::filesystem::rename(experiment / "sound.h5", experiment / "train.h5");
  experiment.resume("run", {});
  CHECK(test::snapshot(experiment.last("run")) == test::snapshot(experiment.last("straight")));
}

}  // namespace lucid
