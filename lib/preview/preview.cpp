#include "preview/preview.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "preview/font.h"
#include "preview/label_histogram.h"
#include "preview/legend.h"
#include "preview/view_plan.h"

namespace lucid {
namespace {

using Sides = std::array<double, 3>;

constexpr std::int64_t kMargin = 18, kGap = 14, kLine = 22;

// Formats a value with four significant digits.
std::string short_text(double value) {
  if (value == 0 || !std::isfinite(value)) return number_text(static_cast<float>(value));
  const double unit = std::pow(10.0, std::floor(std::log10(std::abs(value))) - 3);
  return number_text(static_cast<float>(std::round(value / unit) * unit));
}

// A slice, its title and the size at which it is drawn.
struct Tile {
  Slice slice;
  std::string caption;
  const ViewPlan* view = nullptr;
  std::int64_t width = 0, height = 0;
};

class Preview {
 public:
  Preview(const PreviewSubject& subject, const PreviewStyle& style)
      : subject_(subject),
        style_(style),
        shown_(subject.volume != nullptr ? *subject.volume : *subject.labels),
        views_(plan_views(subject.geometry, style.flipped)) {
    if (subject.geometry) sides_ = subject.geometry->voxel_size;
    double longest = 0;
    for (std::size_t axis = 0; axis < 3; ++axis)
      longest = std::max(longest, sides_[axis] * static_cast<double>(shown_.extents()[axis]));
    scale_ = static_cast<double>(style.tile_side) / longest;
  }

  Picture draw(const std::function<void(double)>& tell) {
    check_sizes();
    if (subject_.labels != nullptr) histogram_ = count_labels(*subject_.labels, tell);
    for (const ViewPlan& view : views_) rows_.push_back(read_tiles(view));
    if (style_.slices == 1) put_in_one_row();
    choose_window();
    return compose();
  }

 private:
  void check_sizes() const {
    if (subject_.volume == nullptr || subject_.labels == nullptr) return;
    const auto text = [](const SlicedVolume& volume) {
      const auto& e = volume.extents();
      return Shape{e[0], e[1], e[2]}.str();
    };
    if (subject_.volume->extents() != subject_.labels->extents())
      throw Error(ExitCode::kData, subject_.labels->place() + ": expected " +
                                       text(*subject_.volume) + " voxels as in " +
                                       subject_.volume->place() + ", found " +
                                       text(*subject_.labels));
  }

  std::vector<Tile> read_tiles(const ViewPlan& view) const {
    std::vector<Tile> tiles;
    for (const std::int64_t place : slice_places(histogram_.labelled[view.across],
                                                 shown_.extents()[view.across], style_.slices)) {
      Tile tile{read_slice(view, place), {}, &view, 0, 0};
      const std::string axis(1, "dhw"[view.across]);
      tile.caption =
          (view.name == axis ? "" : view.name + " ") + axis + "=" + std::to_string(place);
      tile.width = pixels(view.right);
      tile.height = pixels(view.down);
      tiles.push_back(std::move(tile));
    }
    return tiles;
  }

  std::int64_t pixels(std::size_t axis) const {
    const double length = scale_ * sides_[axis] * static_cast<double>(shown_.extents()[axis]);
    return std::max<std::int64_t>(4, std::llround(length));
  }

  Slice read_slice(const ViewPlan& view, std::int64_t place) const {
    SlicedVolume::Triple start{0, 0, 0}, count = shown_.extents();
    start[view.across] = place;
    count[view.across] = 1;
    Slice slice{count[view.down], count[view.right], {}, {}};
    if (subject_.volume != nullptr)
      slice.values = turned(subject_.volume->read(start, count), view, slice);
    if (subject_.labels != nullptr)
      slice.labels = turned(subject_.labels->read_labels(start, count), view, slice);
    return slice;
  }

  // Transposes and flips a slice from the order d, h, w in memory to the picture's, as the view
  // says.
  template <class T>
  static std::vector<T> turned(const std::vector<T>& stored, const ViewPlan& view,
                               const Slice& slice) {
    std::vector<T> out(stored.size());
    const bool is_transposed = view.down > view.right;
    for (std::int64_t row = 0; row < slice.rows; ++row)
      for (std::int64_t column = 0; column < slice.columns; ++column) {
        const std::int64_t down = view.is_turned_down ? slice.rows - 1 - row : row;
        const std::int64_t right = view.is_turned_right ? slice.columns - 1 - column : column;
        out[static_cast<std::size_t>(row * slice.columns + column)] =
            stored[static_cast<std::size_t>(is_transposed ? right * slice.rows + down
                                                          : down * slice.columns + right)];
      }
    return out;
  }

  void put_in_one_row() {
    for (std::size_t i = 1; i < rows_.size(); ++i)
      std::move(rows_[i].begin(), rows_[i].end(), std::back_inserter(rows_[0]));
    rows_.resize(1);
  }

  void choose_window() {
    if (style_.window) {
      window_ = *style_.window;
      return;
    }
    std::vector<float> values;
    for (const auto& row : rows_)
      for (const Tile& tile : row)
        values.insert(values.end(), tile.slice.values.begin(), tile.slice.values.end());
    window_ = window_of(std::move(values));
  }

  Picture compose() const {
    std::int64_t grid_width = 0, grid_height = -kGap;
    for (const auto& row : rows_) {
      std::int64_t width = -kGap, height = 0;
      for (const Tile& tile : row) {
        width += cell_width(tile) + kGap;
        height = std::max(height, tile.height);
      }
      grid_width = std::max(grid_width, width);
      grid_height += kLine + height + kGap;
    }
    const Legend legend(histogram_, subject_.class_names, grid_height);
    const std::int64_t legend_width = legend.is_empty() ? 0 : 2 * kGap + legend.width();
    const std::int64_t body_width = std::max<std::int64_t>(grid_width + legend_width, 420);
    const std::int64_t body_height = std::max(grid_height, legend.is_empty() ? 0 : legend.height());
    Picture picture(body_width + 2 * kMargin, body_height + 2 * kLine + kGap + 2 * kMargin,
                    kBackground);
    draw_head(picture, body_width);
    draw_grid(picture, kMargin + 2 * kLine + kGap);
    if (!legend.is_empty())
      legend.draw(picture, kMargin + grid_width + 2 * kGap, kMargin + 2 * kLine + kGap);
    return picture;
  }

  static std::int64_t cell_width(const Tile& tile) {
    return std::max(tile.width, text_width(tile.caption));
  }

  void draw_head(Picture& picture, std::int64_t width) const {
    draw_text(picture, kMargin, kMargin, fitted_text(subject_.title, width), kInk);
    const auto& e = shown_.extents();
    std::string text = Shape{e[0], e[1], e[2]}.str();
    if (subject_.geometry) {
      std::vector<std::string> words;
      for (const double side : sides_) words.push_back(short_text(side));
      text += ", " + join(words, "x") + " mm";
    }
    if (subject_.volume != nullptr)
      text += ", grey " + short_text(window_.low) + " to " + short_text(window_.high);
    draw_text(picture, kMargin, kMargin + kLine, fitted_text(text, width), kFaintInk);
  }

  void draw_grid(Picture& picture, std::int64_t y) const {
    for (const auto& row : rows_) {
      std::int64_t x = kMargin, height = 0;
      for (std::size_t i = 0; i < row.size(); ++i) {
        const Tile& tile = row[i];
        draw_text(picture, x, y, tile.caption, kFaintInk);
        Picture drawn = draw_slice(tile.slice, window_, tile.width, tile.height);
        draw_letters(drawn, *tile.view);
        if (i == 0) draw_scale_bar(drawn);
        picture.paste(x, y + kLine, drawn);
        x += cell_width(tile) + kGap;
        height = std::max(height, tile.height);
      }
      y += kLine + height + kGap;
    }
  }

  static void draw_letters(Picture& tile, const ViewPlan& view) {
    draw_outlined_text(tile, 5, (tile.height() - kTextHeight) / 2, view.left_letter, kInk);
    draw_outlined_text(tile, (tile.width() - kLetterWidth) / 2, 5, view.top_letter, kInk);
  }

  // The bar is as long as a round number of mm, at most half a tile.
  void draw_scale_bar(Picture& tile) const {
    double length = 1;
    const double most = 0.5 * static_cast<double>(tile.width()) / scale_;
    const double power = std::pow(10.0, std::floor(std::log10(most)));
    for (const double factor : {1.0, 2.0, 5.0})
      if (factor * power <= most) length = factor * power;
    const std::int64_t width = std::llround(length * scale_), y = tile.height() - 10;
    const std::string text =
        number_text(static_cast<float>(length)) + (subject_.geometry ? " mm" : " voxels");
    tile.fill(7, y - 1, width + 2, 6, {});
    tile.fill(8, y, width, 4, kInk);
    draw_outlined_text(tile, 8, y - 20, text, kInk);
  }

  const PreviewSubject& subject_;
  const PreviewStyle& style_;
  const SlicedVolume& shown_;
  std::array<ViewPlan, 3> views_;
  Sides sides_{1, 1, 1};
  double scale_ = 1;  // pixels per mm
  SliceHistogram histogram_;
  std::vector<std::vector<Tile>> rows_;
  IntensityWindow window_;
};

}  // namespace

Picture draw_preview(const PreviewSubject& subject, const PreviewStyle& style,
                     const std::function<void(double)>& tell) {
  return Preview(subject, style).draw(tell);
}

}  // namespace lucid
