#pragma once
// Private to this room.

#include <string>
#include <vector>

#include "preview/label_histogram.h"
#include "preview/picture.h"

namespace lucid {

constexpr Colour kBackground{24, 26, 30}, kInk{235, 235, 235}, kFaintInk{150, 155, 165};

// Has one row per label: colour, number, name and fraction of all voxels. If they do not fit, those
// with the most voxels are shown, in the order of their numbers.
class Legend {
 public:
  Legend(const SliceHistogram& histogram, const std::vector<std::string>& names,
         std::int64_t height);

  bool is_empty() const { return rows_.empty(); }
  std::int64_t width() const { return width_; }
  std::int64_t height() const;
  void draw(Picture& picture, std::int64_t x, std::int64_t y) const;

 private:
  struct Row {
    std::int64_t label = 0;
    std::string name, share;
  };
  std::vector<Row> rows_;
  std::string more_;
  std::int64_t width_ = 0;
};

}  // namespace lucid
