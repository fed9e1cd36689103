#include "tensor/tensor.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "base/error.h"

namespace lucid {
namespace {

using Tag = dnnl::memory::format_tag;

Layout layout_of(const onednn::Dims& dims, Tag tag) { return {dims, onednn::kFloat, tag}; }

std::vector<float> counting(std::size_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), 1.F);
  return values;
}

}  // namespace

TEST_CASE("plain values survive every layout") {
  Engine engine;
  struct Row {
    onednn::Dims dims;
    Tag tag;
  };
  for (const Row& row : {Row{{2, 5, 2, 3, 4}, Tag::abcde}, Row{{2, 5, 2, 3, 4}, Tag::acdeb},
                         Row{{2, 5, 2, 3, 4}, Tag::aBcde8b}, Row{{2, 17, 2, 3, 4}, Tag::aBcde16b},
                         Row{{3, 5, 1, 2, 2}, Tag::ABcde8b8a}, Row{{3, 7}, Tag::ba}}) {
    INFO(onednn::layout_text(layout_of(row.dims, row.tag)));
    Tensor tensor(engine, layout_of(row.dims, row.tag));
    const std::vector<float> plain = counting(Shape(row.dims).count());
    tensor.assign(engine, plain);
    CHECK(tensor.plain_values(engine) == plain);
  }
}

TEST_CASE("assigning to a padded layout leaves its padding zero") {
  Engine engine;
  Tensor tensor(engine, layout_of({2, 5, 1, 2, 2}, Tag::aBcde8b));
  tensor.assign(engine, counting(40));
  CHECK(tensor.values().size() == 64);
  CHECK(std::ranges::count(tensor.values(), 0.F) == 24);
}

TEST_CASE("a tensor starts with zeros") {
  Engine engine;
  const Tensor tensor(engine, layout_of({2, 5, 1, 2, 2}, Tag::aBcde8b));
  CHECK(std::ranges::count(tensor.values(), 0.F) == 64);
}

TEST_CASE("copying between layouts keeps plain order") {
  Engine engine;
  Tensor blocked(engine, layout_of({2, 3, 1, 2, 2}, Tag::aBcde8b));
  Tensor last(engine, layout_of({2, 3, 1, 2, 2}, Tag::acdeb));
  blocked.assign(engine, counting(24));
  last.copy_from(engine, blocked);
  CHECK(last.plain_values(engine) == counting(24));
  CHECK(last.values()[1] == 5);  // the second channel of the first voxel
}

TEST_CASE("a view writes to the storage it was given") {
  Engine engine;
  std::vector<float> storage(6);
  Tensor view(engine, onednn::plain_layout(Shape{2, 3}), storage.data());
  view.assign(engine, counting(6));
  CHECK(storage == counting(6));
}

TEST_CASE("copies of a tensor share its buffer") {
  Engine engine;
  Tensor first(engine, onednn::plain_layout(Shape{3}));
  Tensor second = first;
  second.values()[0] = 7;
  CHECK(first.values()[0] == 7);
  CHECK_FALSE(Tensor());
}

TEST_CASE("layouts are written as extents and the order in memory") {
  CHECK(onednn::layout_text(onednn::plain_layout(Shape{16, 8, 10, 10, 10})) ==
        "16x8x10x10x10 abcde");
  CHECK(onednn::layout_text(layout_of({16, 8, 10, 10, 10}, Tag::aBcde16b)) ==
        "16x8x10x10x10 aBcde16b");
  CHECK(onednn::layout_text(layout_of({16, 8, 3, 3, 3}, Tag::ABcde8b8a)) == "16x8x3x3x3 ABcde8b8a");
  CHECK(onednn::layout_text(layout_of({2, 3, 4, 5, 6}, Tag::acdeb)) == "2x3x4x5x6 acdeb");
  CHECK(onednn::layout_text(onednn::plain_layout(Shape())) == "1 a");
}

TEST_CASE("only row-major dense layouts are plain") {
  CHECK(onednn::is_plain(onednn::plain_layout(Shape{2, 3, 4})));
  CHECK_FALSE(onednn::is_plain(layout_of({2, 3, 4, 5, 6}, Tag::acdeb)));
  CHECK_FALSE(onednn::is_plain(layout_of({2, 8, 4, 5, 6}, Tag::aBcde8b)));
}

TEST_CASE("a plain layout refuses extents beyond 63 bits") {
  const std::int64_t large = std::int64_t{1} << 40;
  CHECK_THROWS_AS(onednn::plain_layout(onednn::Dims{2, large, large}), Error);
}

TEST_CASE("a tensor of bfloat16 starts as zeros, to the last odd one, and takes what it can hold") {
  Engine engine;
  const Layout layout(onednn::Dims{1, 3, 1, 1, 1}, onednn::kBfloat16, Tag::acdeb);
  Tensor tensor(engine, layout);
  CHECK(tensor.bytes() == 6);
  CHECK(tensor.plain_values(engine) == std::vector<float>{0, 0, 0});
  tensor.assign(engine, std::vector<float>{1.F, 1.F + 0x1p-7F, 1.F + 0x1p-10F});
  CHECK(tensor.plain_values(engine) == std::vector<float>{1.F, 1.F + 0x1p-7F, 1.F});
  Tensor copy(engine, layout);
  copy.copy_from(engine, tensor);
  CHECK(copy.plain_values(engine) == tensor.plain_values(engine));
}

TEST_CASE("a layout keeps its order when its type changes") {
  for (const Tag tag : {Tag::abcde, Tag::acdeb, Tag::aBcde8b, Tag::aBcde16b}) {
    const Layout floats = layout_of({2, 17, 2, 3, 4}, tag);
    const Layout halves = onednn::typed_layout(floats, onednn::kBfloat16);
    CHECK(onednn::data_type(halves) == onednn::kBfloat16);
    CHECK(onednn::order_of(halves) == onednn::order_of(floats));
    CHECK(onednn::layout_text(halves) == onednn::layout_text(floats) + " bf16");
    CHECK(onednn::typed_layout(halves, onednn::kFloat) == floats);
  }
}

}  // namespace lucid
