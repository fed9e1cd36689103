#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "infer/tiled/resume_fixture.h"
#include "support/full_disk.h"

namespace lucid {
namespace fs = std::filesystem;
using test::read_text;
using test::ResumeFixture;

TEST_CASE("a run that stops anywhere goes on where it stopped, to the same bytes") {
  ResumeFixture f;
  const std::int64_t all = f.run().windows;
  REQUIRE(all == 23);  // 7 depths of 3 windows, then 2 of 1
  for (std::int64_t stop = 1; stop < all; ++stop) {
    CAPTURE(stop);
    fs::remove(f.options.output);
    REQUIRE(f.stop_after(stop));
    CHECK(fs::exists(f.partial() / "done-0-0") == (stop >= 3));
    const InferResult rest = f.run();
    const std::int64_t finished = stop < 21 ? stop / 3 * 3 : stop;
    CHECK(rest.windows_computed == all - finished);
    CHECK(read_text(f.options.output) == f.expected);
    CHECK_FALSE(fs::exists(f.partial()));
  }
}

TEST_CASE("a run may stop again and again") {
  ResumeFixture f;
  while (f.stop_after(4)) CHECK(f.slabs() >= 0);
  CHECK(read_text(f.options.output) == f.expected);
}

TEST_CASE("what a process left that was killed while it wrote is passed over") {
  ResumeFixture f;
  REQUIRE(f.stop_after(7));
  std::ofstream(f.partial() / "slab-0-2") << "half a slab";
  std::ofstream(f.partial() / "sums-0-3") << "half";
  std::ofstream(f.partial() / "slab-0-2.unfinished-1") << "half";
  CHECK(f.run().windows_computed == 17);
  CHECK(read_text(f.options.output) == f.expected);
}

TEST_CASE("damage to what a run goes on from is noticed, and what depends on it computed anew") {
  using Damage = std::function<void(const fs::path&)>;
  const std::map<std::string, Damage> kDamages = {
      {"cut", [](const fs::path& file) { fs::resize_file(file, fs::file_size(file) / 2); }},
      {"grown", [](const fs::path& file) { fs::resize_file(file, fs::file_size(file) + 99); }},
      {"lost", [](const fs::path& file) { fs::remove(file); }},
      {"spoilt", [](const fs::path& file) {
         std::string content = read_text(file);
         content[content.size() / 3] = static_cast<char>(content[content.size() / 3] ^ 1);
         std::ofstream(file, std::ios::binary) << content;
       }}};
  ResumeFixture f;
  const auto rest_after = [&](std::int64_t windows, const std::string& file, const Damage& damage) {
    fs::remove(f.options.output);
    f.notes.clear();
    REQUIRE(f.stop_after(windows));
    damage(f.partial() / file);
    const InferResult rest = f.run();
    CHECK(read_text(f.options.output) == f.expected);
    return rest;
  };
  for (const std::string file : {"sums-0-5", "slab-0-2", "done-0-2"})
    for (const auto& damage : kDamages) {
      CAPTURE(file);
      CAPTURE(damage.first);
      const InferResult rest = rest_after(16, file, damage.second);  // 5 depths of 3 windows
      CHECK(rest.windows_computed == (file == "sums-0-5" ? 8 : 11));
      CHECK(rest.windows_again > 0);
      const bool is_told =
          f.notes.find(": is damaged; what depends on it is computed anew\n") != std::string::npos;
      CHECK(is_told == (file == "slab-0-2" || damage.first != "lost"));
    }
  CHECK(rest_after(22, "sums-1-1", kDamages.at("cut")).windows_computed == 1);
  CHECK(rest_after(22, "slab-0-0", kDamages.at("spoilt")).windows_computed == 4);
}

TEST_CASE("files of others in the folder of a run stay") {
  ResumeFixture f;
  REQUIRE(f.stop_after(7));
  std::ofstream(f.partial() / "thesis.txt") << "precious";
  f.run();
  CHECK(read_text(f.partial() / "thesis.txt") == "precious");
  CHECK(std::distance(fs::directory_iterator(f.partial()), {}) == 1);
}

TEST_CASE("other options, inputs or another checkpoint start over, and say so") {
  ResumeFixture f;
  const auto started_over = [&] {
    f.notes.clear();
    const std::int64_t computed = f.run().windows_computed;
    CHECK(read_text(f.options.output).size() > 0);
    return computed == f.run().windows &&
           f.notes.find(
               "out.h5.partial: what was finished there is of other inputs or options; it "
               "is computed anew\n") != std::string::npos;
  };
  REQUIRE(f.stop_after(7));
  f.options.tiles->blend = Blend::kConstant;
  CHECK(started_over());
  REQUIRE(f.stop_after(7));
  f.options.output_type = OutputType::kFloat16;
  CHECK(started_over());
  REQUIRE(f.stop_after(7));
  f.options.tiles->flips = {false, false, true};
  CHECK(started_over());
  REQUIRE(f.stop_after(7));
  f.options.tiles->flips = {false, true, false};
  CHECK(started_over());
  REQUIRE(f.stop_after(7));
  fs::last_write_time(f.options.checkpoints.front(),
                      fs::last_write_time(f.options.checkpoints.front()) + std::chrono::seconds(5));
  CHECK(started_over());
  REQUIRE(f.stop_after(7));
  f.options.inputs.pop_back();
  CHECK(started_over());
}

TEST_CASE("a folder of the same name that holds something else is left alone") {
  ResumeFixture f;
  fs::create_directory(f.partial());
  std::ofstream(f.partial() / "thesis.txt") << "precious";
  CHECK(f.error() ==
        "1: out.h5.partial: expected what an interrupted run left, found a folder that holds "
        "something else; choose another --output");
  CHECK(read_text(f.partial() / "thesis.txt") == "precious");
}

TEST_CASE("a full disk is one error, and the run goes on when there is room") {
  ResumeFixture f;
  for (const rlim_t bytes : {rlim_t{2000}, rlim_t{20000}}) {
    CAPTURE(bytes);
    std::string error;
    {
      const test::FullDisk full(bytes);
      error = f.error();
    }
    CHECK(error.starts_with("1: out.h5"));
    CHECK(error.find(": cannot be written: ") != std::string::npos);
    CHECK(std::ranges::count(error, '\n') == 0);
    CHECK_FALSE(fs::exists(f.options.output));
  }
  f.run();
  CHECK(read_text(f.options.output) == f.expected);
}

TEST_CASE("with a target everything is computed anew") {
  ResumeFixture f;
  f.options.inputs = {(f.experiment / "train.h5").string()};
  f.options.tiles->patch = {8, 16, 16};
  f.options.target = "voxels";
  f.experiment.json["metrics"] = {"accuracy"};
  f.train("metrics");
  const Measurements expected = f.run().measured;
  REQUIRE(expected.values.size() == 2);
  fs::remove(f.options.output);
  REQUIRE(f.stop_after(1));
  const InferResult again = f.run();
  CHECK(again.windows_computed == again.windows);
  CHECK(again.measured.values == expected.values);
}

}  // namespace lucid
