#include <doctest/doctest.h>

#include <regex>

#include "paths.h"
#include "support/event_reader.h"
#include "support/run_program.h"
#include "train/tensorboard/event_file.h"
#include "train/tensorboard/summary.h"
#include "train/tensorboard/tensorboard_log.h"

namespace lucid {
namespace {

using test::ProgramResult;
using test::TempDir;

// Returns what protoc reads in the records of all files of a run.
std::string decoded(const TempDir& folder, const RunFolder& run) {
  REQUIRE_MESSAGE(test::run_program("/bin/sh", {"-c", "command -v protoc"}).code == 0,
                  "protoc is missing; tests/run.sh installs protobuf-compiler");
  Message events;
  for (const auto& file : run.event_files())
    for (const std::string& record : test::records_of(file)) events.text(1, record);
  folder.write("events", events.bytes());
  const ProgramResult result =
      test::run_program("/bin/sh", {"-c",
                                    "protoc --proto_path=\"$0\" --decode=tensorboard.Events \"$0/"
                                    "tensorboard.proto\" < \"$1\"",
                                    std::string(LUCID_SOURCE_DIR) + "/tests/train/tensorboard",
                                    (folder / "events").string()});
  CHECK(result.err == "");
  CHECK(result.code == 0);
  return result.out;
}

// What differs from run to run is replaced.
std::string without_times(const std::string& text) {
  return std::regex_replace(text, std::regex("wall_time: [0-9.e+]+"), "wall_time: T");
}

}  // namespace

TEST_CASE("protoc decodes the events of a run by the published messages") {
  const TempDir folder;
  const RunFolder run(folder / "r");
  run.create();
  const Json config = {{"seed", 3},
                       {"optimizer", {{"lr", 0.5}, {"type", "SGD"}, {"nesterov", true}}}};
  Engine engine(1);
  Parameters parameters;
  parameters.add(engine, "conv1", {.name = "bias", .shape = {2}, .initial = 0.75}, 1);
  TensorBoardLog log(run, config, engine, parameters, {.step = 4});
  log.step({.epoch = 1, .step = 5, .batch = 5, .loss = 0.5F, .lr = 0.25, .samples_per_second = 1});
  log.epoch({.epoch = 1,
             .step = 6,
             .train_loss = 2,
             .validation = {.values = {{"loss", 3}},
                            .details = {{"dice_1", 0.5}},
                            .tables = {},
                            .undefined = {}},
             .lr = 0.25,
             .seconds = 2,
             .samples_per_second = 8,
             .data_wait = 0,
             .read = {},
             .best = true});
  log.picture(
      {.epoch = 1, .step = 6, .name = "case", .png = {std::byte{'P'}}, .width = 7, .height = 5});
  log.end({RunStatus::kFinished, 1, 6, "validation.loss", true, 3, ""});
  const std::string wanted =
      test::read_text(std::string(LUCID_SOURCE_DIR) + "/tests/train/tensorboard/decoded.txt");
  CHECK(without_times(decoded(folder, run)) == wanted);
}

}  // namespace lucid
