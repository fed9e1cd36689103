#include "train_status.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "base/text.h"

namespace lucid {
namespace {

constexpr int kDigits = 4;
constexpr std::size_t kGap = 2, kBarFrame = 3, kLeastBar = 5, kMostBar = 24;  // frame: " [", "]"

// A part of the line; the lower its rank, the longer it stays while the terminal gets narrower.
struct Part {
  std::string text;
  int rank;
  bool is_shown = false;
};

std::string of(std::int64_t done, std::int64_t all) {
  return std::to_string(done) + "/" + std::to_string(all);
}

// Returns the parts in the order of the line; the bar is behind the first.
std::vector<Part> parts_of(const TrainStatus& s) {
  std::vector<Part> parts{{"epoch " + of(s.epoch, s.epochs), 0}};
  parts.push_back({s.batches > 0 ? of(s.batch, s.batches) : "step " + std::to_string(s.step), 2});
  parts.push_back({"loss " + fixed_value_text(s.loss, kDigits), 3});
  if (s.last) parts.push_back({s.monitor + " " + fixed_value_text(*s.last, kDigits), 4});
  if (s.best) parts.push_back({"best " + fixed_value_text(*s.best, kDigits), 5});
  for (const auto& [name, value] : s.others)
    parts.push_back({name + " " + fixed_value_text(value, kDigits), 9});
  if (s.samples_per_second > 0)
    parts.push_back(
        {fixed_text(s.samples_per_second, s.samples_per_second < 10 ? 1 : 0) + " samples/s", 7});
  if (s.epoch_seconds_left) parts.push_back({"ETA " + clock_text(*s.epoch_seconds_left), 6});
  if (s.run_seconds_left && s.epochs > 1)
    parts.push_back({"run " + clock_text(*s.run_seconds_left), 1});
  return parts;
}

// Chooses by rank what fits, and returns the columns that are left.
std::size_t choose(std::vector<Part>& parts, std::size_t columns, int first_rank, int last_rank) {
  for (int rank = first_rank; rank <= last_rank; ++rank)
    for (Part& part : parts) {
      const std::size_t width = display_width(part.text) + (part.rank == 0 ? 0 : kGap);
      if (part.rank != rank || width > columns) continue;
      part.is_shown = true;
      columns -= width;
    }
  return columns;
}

std::string bar_text(double share, std::size_t width) {
  const auto filled = std::min(width, static_cast<std::size_t>(share * static_cast<double>(width)));
  return " [" + std::string(filled, '=') + std::string(width - filled, ' ') + "]";
}

}  // namespace

std::string clock_text(double seconds) {
  const long long whole = std::llround(seconds);
  char text[64];
  if (whole >= 3600)
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60,
                  whole % 60);
  else
    std::snprintf(text, sizeof text, "%lld:%02lld", whole / 60, whole % 60);
  return text;
}

std::string status_line(const TrainStatus& status, std::size_t columns) {
  constexpr int kBeforeBar = 7, kAfterBar = 9;  // ranks
  std::vector<Part> parts = parts_of(status);
  std::size_t left = choose(parts, columns, 0, kBeforeBar);
  const bool has_bar = status.batches > 0 && left >= kBarFrame + kLeastBar;
  if (has_bar) left -= kBarFrame + kLeastBar;
  left = choose(parts, left, kBeforeBar + 1, kAfterBar);
  std::string line;
  for (const Part& part : parts) {
    if (!part.is_shown) continue;
    if (!line.empty()) line += std::string(kGap, ' ');
    line += part.text;
    if (has_bar && part.rank == 0)
      line += bar_text(static_cast<double>(status.batch) / static_cast<double>(status.batches),
                       std::min(kMostBar, kLeastBar + left));
  }
  return line;
}

}  // namespace lucid
