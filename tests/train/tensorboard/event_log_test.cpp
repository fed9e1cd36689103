#include <doctest/doctest.h>
#include <png.h>

#include <limits>

#include "support/event_reader.h"
#include "support/full_disk.h"
#include "support/temp_dir.h"
#include "train/tensorboard/tensorboard_log.h"

// What a log writes without training.
namespace lucid {
namespace {

using test::EventValue;

// A log of a run without parameters, whose folder exists.
struct SmallLog {
  SmallLog() { run.create(); }
  TensorBoardLog open(std::int64_t step = 0) {
    return {run, Json::object(), engine, parameters, {.step = step}};
  }
  std::vector<EventValue> values() const { return test::kept_values(run.path()); }

  test::TempDir folder;
  RunFolder run{folder / "r"};
  Engine engine{1};
  Parameters parameters;
};

StepEvent step_event(std::int64_t step, float loss) {
  return {
      .epoch = 1, .step = step, .batch = step, .loss = loss, .lr = 0.5, .samples_per_second = 1};
}

}  // namespace

TEST_CASE("an image of TensorBoard's file is the picture's PNG") {
  SmallLog log;
  const std::vector<std::uint8_t> pixels{255, 0, 0, 0, 255, 0, 0, 0, 255,
                                         9,   9, 9, 1, 2,   3, 4, 5, 6};
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = 3;
  image.height = 2;
  image.format = PNG_FORMAT_RGB;
  png_alloc_size_t bytes = 0;
  REQUIRE(png_image_write_to_memory(&image, nullptr, &bytes, 0, pixels.data(), 0, nullptr) != 0);
  std::vector<std::byte> png(bytes);
  REQUIRE(png_image_write_to_memory(&image, png.data(), &bytes, 0, pixels.data(), 0, nullptr) != 0);
  png.resize(bytes);
  log.open().picture({.epoch = 1, .step = 8, .name = "case", .png = png, .width = 3, .height = 2});

  const EventValue value = test::of_tag(log.values(), "previews/case").at(8);
  CHECK(test::wire_field(value.image, 1).value == 2);
  CHECK(test::wire_field(value.image, 2).value == 3);
  const std::string encoded = test::wire_field(value.image, 4).bytes;
  png_image read{};
  read.version = PNG_IMAGE_VERSION;
  REQUIRE(png_image_begin_read_from_memory(&read, encoded.data(), encoded.size()) != 0);
  CHECK(read.format == PNG_FORMAT_RGB);
  std::vector<std::uint8_t> decoded(PNG_IMAGE_SIZE(read));
  REQUIRE(png_image_finish_read(&read, nullptr, decoded.data(), 0, nullptr) != 0);
  CHECK(decoded == pixels);
}

TEST_CASE("what is not defined has no scalar") {
  SmallLog log;
  {
    TensorBoardLog events = log.open();
    events.step(step_event(1, std::numeric_limits<float>::quiet_NaN()));
    events.step(step_event(2, 0.25F));
  }
  CHECK(test::scalars_of(log.values(), "step/loss") == std::map<std::int64_t, float>{{2, 0.25F}});
  CHECK(test::scalars_of(log.values(), "step/lr").size() == 2);
}

TEST_CASE("files of events sort in the order in which they were made") {
  SmallLog log;
  for (int i = 0; i < 12; ++i) log.open(i);
  const auto files = log.run.event_files();
  REQUIRE(files.size() == 12);
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto records = test::records_of(files[i]);
    REQUIRE(records.size() == 3);
    CHECK(test::wire_field(records[0], 3).bytes == "brain.Event:2");
    CHECK(test::wire_field(records[1], 2).value == i + 1);  // the start of the session
    CHECK(test::wire_field(test::wire_field(records[1], 7).bytes, 1).value == 1);
  }
}

TEST_CASE("a run that goes on from before its last events gives one curve") {
  SmallLog log;
  {
    TensorBoardLog events = log.open();
    for (int step = 1; step <= 6; ++step) events.step(step_event(step, 1));
  }
  {
    TensorBoardLog events = log.open(4);
    for (int step = 5; step <= 8; ++step) events.step(step_event(step, 2));
  }
  CHECK(
      test::scalars_of(log.values(), "step/loss") ==
      std::map<std::int64_t, float>{
          {1, 1.0F}, {2, 1.0F}, {3, 1.0F}, {4, 1.0F}, {5, 2.0F}, {6, 2.0F}, {7, 2.0F}, {8, 2.0F}});
}

TEST_CASE("a crash within a record leaves those before it") {
  SmallLog log;
  {
    TensorBoardLog events = log.open();
    for (int step = 1; step <= 3; ++step) events.step(step_event(step, 1));
  }
  const std::filesystem::path file = log.run.event_files().front();
  const std::string all = test::read_text(file);
  CHECK(test::scalars_of(log.values(), "step/loss").size() == 3);
  for (const std::size_t less : {1U, 5U, 40U}) {
    std::filesystem::resize_file(file, all.size() - less);
    CHECK(test::scalars_of(log.values(), "step/loss").size() == 2);
  }
}

TEST_CASE("only a run that has ended tells TensorBoard how") {
  for (const auto& [ended, wanted] :
       {std::pair(RunStatus::kFinished, 1), std::pair(RunStatus::kEarlyStopping, 1),
        std::pair(RunStatus::kDiverged, 2), std::pair(RunStatus::kInterrupted, 0)}) {
    SmallLog log;
    log.open().end({ended, 1, 6, "train.loss", false, 0, ""});
    const auto ends = test::of_tag(log.values(), "_hparams_/session_end_info");
    const std::string status = status_text(ended);
    CAPTURE(status);
    CHECK(ends.size() == (wanted > 0 ? 1 : 0));
    for (const auto& [step, end] : ends) {
      const std::string plugin = test::wire_field(end.metadata, 1).bytes;
      CHECK(test::wire_field(plugin, 1).bytes == "hparams");
      const std::string info = test::wire_field(test::wire_field(plugin, 2).bytes, 4).bytes;
      CHECK(static_cast<int>(test::wire_field(info, 1).value) == wanted);
    }
  }
}

TEST_CASE("a full disk is an error that names the file of events") {
  SmallLog log;
  TensorBoardLog events = log.open();
  const test::FullDisk full(200);
  const std::string file = log.run.event_files().front().string();
  CHECK_THROWS_WITH_AS(events.step(step_event(1, 1)),
                       (file + ": cannot be written: File too large").c_str(), Error);
}

}  // namespace lucid
