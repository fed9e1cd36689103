#include <doctest/doctest.h>

#include <cstring>
#include <numeric>

#include "formats/open/boxed_planes.h"
#include "formats/open/volume_boxes.h"

namespace lucid::test {
namespace {

// A volume of bytes that is not stored: each is a function of its place.
class MadePlanes : public PlaneSource {
 public:
  explicit MadePlanes(const Shape& shape) : shape_(shape) {}

  static std::byte at(std::int64_t c, std::int64_t d, std::int64_t h, std::int64_t w) {
    return static_cast<std::byte>((31 * c + 17 * d + 7 * h + w) & 255);
  }
  ElementType element() const override { return ElementType::kUint8; }
  const Shape& shape() const override { return shape_; }
  const std::string& place() const override { return place_; }
  void read_stored(const hdf5::Region& region, std::span<std::byte> out) const override {
    CHECK(region.count[2] == shape_[2]);  // whole planes alone
    CHECK(region.count[3] == shape_[3]);
    read_ += region.count[0] * region.count[1];
    std::size_t i = 0;
    for (std::int64_t c = 0; c < region.count[0]; ++c)
      for (std::int64_t d = 0; d < region.count[1]; ++d)
        for (std::int64_t h = 0; h < shape_[2]; ++h)
          for (std::int64_t w = 0; w < shape_[3]; ++w)
            out[i++] = at(region.start[0] + c, region.start[1] + d, h, w);
  }
  std::int64_t planes_read() const { return read_; }

 private:
  Shape shape_;
  std::string place_ = "made";
  mutable std::int64_t read_ = 0;
};

void check_box(const BoxedPlanes& planes, const hdf5::Region& box) {
  std::vector<std::byte> found(Shape(box.count).count());
  planes.read_stored(box, found);
  std::size_t i = 0;
  bool are_equal = true;
  for (std::int64_t c = 0; c < box.count[0]; ++c)
    for (std::int64_t d = 0; d < box.count[1]; ++d)
      for (std::int64_t h = 0; h < box.count[2]; ++h)
        for (std::int64_t w = 0; w < box.count[3]; ++w)
          are_equal &= found[i++] == MadePlanes::at(box.start[0] + c, box.start[1] + d,
                                                    box.start[2] + h, box.start[3] + w);
  CHECK(are_equal);
}

// A stream of int32 0, 1, 2, ... .
class CountingStream : public ByteStream {
 public:
  explicit CountingStream(std::int64_t elements) : end_(elements) {}
  std::size_t read(std::span<std::byte> out) override {
    auto* to = reinterpret_cast<std::int32_t*>(out.data());
    const std::int64_t count = std::min(std::ssize(out) / 4, end_ - at_);
    std::iota(to, to + count, static_cast<std::int32_t>(at_));
    at_ += count;
    return static_cast<std::size_t>(count) * 4;
  }
  std::uint64_t most_left() const override { return static_cast<std::uint64_t>(end_ - at_) * 4; }

 private:
  std::int64_t at_ = 0, end_;
};

Statistics statistics_of(const std::vector<std::int64_t>& extents, const ChannelOfVolume& channel,
                         int threads, int& opened) {
  VolumeBoxes boxes(
      [&] {
        ++opened;
        VolumeHeader header;
        header.coding.stored = ElementType::kInt32;
        header.extents = extents;
        return VolumeFile(header, std::make_unique<CountingStream>(Shape(extents).elements()),
                          "made");
      },
      channel, KeptElements::kSmall);
  return measure_boxes(boxes, std::vector<double>{0, 50, 100}, threads,
                       [](std::size_t, std::size_t) {});
}

}  // namespace

TEST_CASE("any box of a volume of planes is read, from memory or plane by plane") {
  for (const Shape& shape : {Shape{2, 20, 15, 13}, Shape{2, 300, 1000, 1000}}) {
    const auto made = std::make_shared<MadePlanes>(shape);
    const BoxedPlanes planes(made, "cdhw");
    const std::int64_t last = shape[1] - 1;
    check_box(planes, {{0, 3, 2, 1}, {1, 4, 5, 6}});
    check_box(planes, {{1, last, 0, 0}, {1, 1, 15, 13}});
    check_box(planes, {{0, last - 1, 14, 0}, {2, 2, 1, 13}});
    CHECK(made->planes_read() == (shape[1] == 20 ? 40 : 4 + 1 + 4));
    CHECK(planes.chunk_extents()[1] == 1);
    CHECK(planes.chunk_extents()[2] == shape[2]);
  }
}

TEST_CASE("statistics of a stream are those of its channels, wherever these are stored") {
  for (const int threads : {1, 3}) {
    int opened = 0;
    const Statistics whole = statistics_of({3, 2000, 1500}, kAllChannels, threads, opened);
    CHECK(whole.count == 9'000'000);
    CHECK(whole.exact_max == "8999999");
    CHECK(whole.percentiles == std::vector<double>{0, 4499999.5, 8999999});
    CHECK(opened == 1);  // further passes read from memory
    const Statistics slowest = statistics_of({3, 2000, 1500}, {0, 2}, threads, opened);
    CHECK(slowest.exact_min == "6000000");
    CHECK(slowest.mean == doctest::Approx(7499999.5).epsilon(1e-12));
    const Statistics fastest = statistics_of({200, 1500, 3}, {2, 1}, threads, opened);
    CHECK(fastest.percentiles == std::vector<double>{1, 449'999.5, 899'998});
    CHECK(fastest.count == 300'000);
  }
}

TEST_CASE("a stream that is too large to be kept is read again for percentiles") {
  int opened = 0;
  const Statistics found = statistics_of({70'000'000}, kAllChannels, 2, opened);
  CHECK(opened == 3);
  CHECK(found.percentiles == std::vector<double>{0, 34'999'999.5, 69'999'999});
}

}  // namespace lucid::test
