#include "infer/tiled/slab_choice.h"

#include <doctest/doctest.h>

#include <string>

namespace lucid {
namespace {

// A letter a slab: '.' free, 'r' free with the sums of the slab before, 't' taken, 'd' done.
SlabStates states_of(const std::vector<std::string>& volumes) {
  SlabStates states;
  for (const std::string& volume : volumes) {
    auto& of = states.emplace_back();
    for (const char letter : volume)
      of.push_back(letter == '.'   ? SlabState::kFree
                   : letter == 'r' ? SlabState::kReady
                   : letter == 't' ? SlabState::kTaken
                                   : SlabState::kDone);
  }
  return states;
}

std::string chosen(const std::vector<std::string>& volumes, std::optional<SlabNumber> next = {},
                   std::size_t again = 1) {
  const auto slab = choose_slab(states_of(volumes), next, [&](SlabNumber) { return again; });
  return slab ? std::to_string(slab->volume) + ":" + std::to_string(slab->depth) : "none";
}

}  // namespace

TEST_CASE("a process goes on with the slab after its own, or where sums are") {
  CHECK(chosen({"r....."}) == "0:0");
  CHECK(chosen({"d....."}, SlabNumber{0, 1}) == "0:1");
  CHECK(chosen({"dt.r.."}, SlabNumber{0, 1}) == "0:3");
  CHECK(chosen({"t.....", "r..."}) == "1:0");
  CHECK(chosen({"dddddd", "d.dr"}, SlabNumber{0, 6 - 1}) == "1:3");
}

TEST_CASE("a process without sums begins where it and the process before are done together") {
  CHECK(chosen({"t......."}) == "0:5");  // 1 again and 3, while the other has itself and 4
  CHECK(chosen({"t.....t."}) == "0:4");
  CHECK(chosen({"t..", "t....."}) == "1:4");
  CHECK(chosen({"t.."}) == "0:2");
  CHECK(chosen({"t......."}, {}, 0) == "0:4");
  CHECK(chosen({"t......."}, {}, 3) == "0:6");
}

TEST_CASE("a process waits where another is sooner done by itself") {
  CHECK(chosen({"t."}) == "none");
  CHECK(chosen({"t."}, {}, 0) == "0:1");
  CHECK(chosen({"t.."}, {}, 3) == "none");
  CHECK(chosen({"tddt"}) == "none");
  CHECK(chosen({"dddd"}) == "none");
}

TEST_CASE("a slab whose sums were lost is begun anyhow") {
  CHECK(chosen({"d."}) == "0:1");
  CHECK(chosen({"dd..."}) == "0:2");
}

}  // namespace lucid
