#include "infer/window/patch_choice.h"

#include <doctest/doctest.h>

#include "support/from_text.h"

namespace lucid {
namespace {

std::size_t voxels(const Triple& size) {
  return static_cast<std::size_t>(size[0] * size[1] * size[2]);
}

// Describes a plan of 8 bytes a voxel and 1000 more, and volumes that need 2 bytes a voxel.
PatchLimits limits(std::size_t bytes, const Triple& largest) {
  return {bytes, largest, [](const Triple& size) { return 1000 + 8 * voxels(size); },
          [](const Triple& size) { return 2 * voxels(size); }};
}

const ReceptiveField kField{{AxisField{9, 9, 4}, AxisField{9, 9, 4}, AxisField{9, 9, 2}}, ""};

}  // namespace

TEST_CASE("the largest cube of whole strides that fits is chosen") {
  CHECK(choose_patch(limits(1000 + 10 * 64 * 64 * 64, {500, 500, 500}), kField) ==
        Triple{64, 64, 64});
  CHECK(choose_patch(limits(999 + 10 * 64 * 64 * 64, {500, 500, 500}), kField) ==
        Triple{60, 60, 60});
  CHECK(choose_patch(limits(std::size_t{1} << 40, {500, 500, 500}), kField) ==
        Triple{256, 256, 256});
}

TEST_CASE("no window is larger than the largest volume needs") {
  CHECK(choose_patch(limits(std::size_t{1} << 40, {30, 61, 61}), kField) == Triple{32, 64, 62});
}

TEST_CASE("sizes that the network does not accept are passed over") {
  PatchLimits some = limits(std::size_t{1} << 30, {100, 100, 100});
  some.plan_bytes = [](const Triple& size) {
    return size[0] % 16 == 0 ? voxels(size) : PatchLimits::kTooMuch;
  };
  CHECK(choose_patch(some, kField) == Triple{96, 96, 96});
}

TEST_CASE("memory that is too small for any window is told with what would do") {
  CHECK(test::error_of([] {
          choose_patch(limits(1319, {100, 100, 100}), kField);
        }) == "2: --memory: expected at least 1.3 KiB for windows of 4x4x2, found 1.3 KiB");
}

}  // namespace lucid
