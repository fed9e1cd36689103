#include "preview/legend.h"

#include <algorithm>

#include "base/text.h"
#include "preview/font.h"
#include "preview/palette.h"

namespace lucid {
namespace {

constexpr std::int64_t kRow = 24, kSwatch = 16, kSwatchGap = 10;
constexpr std::size_t kLongestName = 24;

std::string share_text(std::int64_t count, std::int64_t all) {
  const double percent = 100 * static_cast<double>(count) / static_cast<double>(all);
  if (percent > 0 && percent < 0.01) return "<0.01%";
  return fixed_text(percent, percent < 1 ? 2 : 1) + "%";
}

}  // namespace

Legend::Legend(const SliceHistogram& histogram, const std::vector<std::string>& names,
               std::int64_t height) {
  std::int64_t all = 0;
  std::vector<std::pair<std::int64_t, std::int64_t>> by_count;  // voxels, label
  for (const auto& [label, count] : histogram.voxels) {
    all += count;
    by_count.emplace_back(-count, label);
  }
  std::sort(by_count.begin(), by_count.end());
  const auto most = static_cast<std::size_t>(std::max<std::int64_t>(4, height / kRow - 2));
  if (by_count.size() > most) {
    more_ = "and " + std::to_string(by_count.size() - most) + " more";
    by_count.resize(most);
  }
  std::int64_t name_width = 0, share_width = 0;
  for (const auto& [negative, label] : by_count) {
    Row row{label, std::to_string(label), share_text(-negative, all)};
    const auto place = static_cast<std::size_t>(label);
    if (label >= 0 && place < names.size() && !names[place].empty())
      row.name += " " + names[place].substr(0, kLongestName);
    name_width = std::max(name_width, text_width(row.name));
    share_width = std::max(share_width, text_width(row.share));
    rows_.push_back(row);
  }
  std::sort(rows_.begin(), rows_.end(),
            [](const Row& a, const Row& b) { return a.label < b.label; });
  width_ =
      std::max({kSwatch + kSwatchGap + name_width + 2 * kSwatchGap + share_width, text_width(more_),
                text_width("label") + 2 * kSwatchGap + text_width("share")});
}

std::int64_t Legend::height() const {
  return kRow * (std::ssize(rows_) + 1 + (more_.empty() ? 0 : 1));
}

void Legend::draw(Picture& picture, std::int64_t x, std::int64_t y) const {
  const std::string header = "share";
  draw_text(picture, x, y, "label", kFaintInk);
  draw_text(picture, x + width_ - text_width(header), y, header, kFaintInk);
  for (const Row& row : rows_) {
    y += kRow;
    const bool is_shown = row.label > 0;
    picture.fill(x, y - 1, kSwatch, kSwatch, is_shown ? class_colour(row.label) : kFaintInk);
    if (!is_shown) picture.fill(x + 1, y, kSwatch - 2, kSwatch - 2, kBackground);
    draw_text(picture, x + kSwatch + kSwatchGap, y, row.name, kInk);
    draw_text(picture, x + width_ - text_width(row.share), y, row.share, kInk);
  }
  if (!more_.empty()) draw_text(picture, x, y + kRow, more_, kFaintInk);
}

}  // namespace lucid
