#include <doctest/doctest.h>

#include <functional>

#include "infer/processes/attendance.h"
#include "infer/tiled/resume_fixture.h"
#include "infer/tiled/slab_file.h"

// Several processes that predict one output.
namespace lucid {

namespace fs = std::filesystem;
using test::read_text;
using test::ResumeFixture;

TEST_CASE("runs with other options, or that need all predictions, do not share an output") {
  ResumeFixture f;
  const auto refusal_of = [](ResumeFixture& one, const std::function<void(InferOptions&)>& change) {
    std::string error;
    infer(one.options, [&](std::int64_t done, std::int64_t) {
      const InferOptions options = one.options;
      change(one.options);
      if (done == 1) error = one.error();
      one.options = options;
      return true;
    });
    return error;
  };
  const std::string begin = "1: out.h5.partial: another process is predicting this output, ",
                    end = "; wait for its end, or choose another file with --output";
  CHECK(refusal_of(f, [](InferOptions& o) { o.tiles->overlap = 0.6; }) ==
        begin + "from other inputs or options ('overlap')" + end);
  CHECK(refusal_of(f, [](InferOptions& o) { o.inputs.pop_back(); }) ==
        begin + "from other inputs or options ('files')" + end);
  CHECK(read_text(f.options.output) == f.expected);
  f.options.inputs = {(f.experiment / "train.h5").string()};
  f.options.tiles->patch = {8, 16, 16};
  f.options.target = "voxels";
  CHECK(refusal_of(f, [](InferOptions&) {}) ==
        begin + "which takes one process with --target" + end);
}

TEST_CASE("a slab that a process of another machine has is waited for until it is lost") {
  ResumeFixture f;
  REQUIRE(f.stop_after(7));
  std::ofstream(f.partial() / "process-7")
      << R"({"host": "other", "machine": "other boot", "process": 1, "began": 1})";
  std::ofstream(f.partial() / "joined-7");
  std::ofstream(f.partial() / "claim-slab-0-2-1") << "7";
  bool was_waited_for = false;
  const InferResult rest = infer(f.options, [&](std::int64_t done, std::int64_t all) {
    if (done == all - 6 && !was_waited_for) {  // the slab after it waits for its sums
      was_waited_for = !fs::exists(f.partial() / "claim-slab-0-2-2");
      fs::last_write_time(f.partial() / "process-7",
                          fs::file_time_type::clock::now() - 2 * Attendance::kLostAfter);
    }
    return true;
  });
  CHECK(was_waited_for);
  CHECK(rest.windows_computed == 17);
  CHECK(rest.windows_again > 0);
  CHECK(read_text(f.options.output) == f.expected);
  CHECK_FALSE(fs::exists(f.partial()));
}

TEST_CASE("what an earlier version of lucid finished is gone on with") {
  ResumeFixture f;
  REQUIRE(f.stop_after(7));
  // progress.json of the same run, as that version wrote it.
  Json progress{{"volume", 0}, {"depth", 2}, {"slabs", Json::array()}};
  const auto sum_of = [&](const std::string& file) {
    const Checksum sum = *checksum_of(f.partial() / file);
    return Json{{"bytes", sum.bytes}, {"crc32", sum.crc}};
  };
  progress["sums"] = sum_of("sums-0-2");
  for (const std::size_t depth : {0U, 1U}) {
    const std::string number = "0-" + std::to_string(depth);
    if (!fs::exists(f.partial() / ("slab-" + number))) continue;
    Json slab = sum_of("slab-" + number);
    slab["volume"] = 0;
    slab["depth"] = depth;
    progress["slabs"].push_back(slab);
    fs::remove(f.partial() / ("done-" + number));
  }
  fs::remove(f.partial() / "done-0-0");
  fs::remove(f.partial() / "done-0-1");
  Checksum own;
  const std::string text = json_text(progress);
  own.add(std::as_bytes(std::span(text)));
  progress["crc32"] = own.crc;
  std::ofstream(f.partial() / "progress.json") << json_text(progress);
  const InferResult rest = f.run();
  CHECK(rest.windows_computed == 17);
  CHECK(rest.windows_again == 0);
  CHECK(read_text(f.options.output) == f.expected);
  CHECK_FALSE(fs::exists(f.partial()));
}

TEST_CASE("an output that a process put in place before it was killed is recognized") {
  ResumeFixture f;
  f.options.may_overwrite = false;
  REQUIRE(f.stop_after(20));
  bool is_put = false;
  infer(f.options, [&](std::int64_t done, std::int64_t all) {
    if (done == all && !is_put) {
      std::ofstream(f.options.output, std::ios::binary) << f.expected;
      is_put = true;
    }
    return true;
  });
  CHECK(is_put);
  CHECK(read_text(f.options.output) == f.expected);
  CHECK_FALSE(fs::exists(f.partial()));
}

}  // namespace lucid
