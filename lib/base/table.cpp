#include "base/table.h"

#include <algorithm>

#include "base/text.h"

namespace lucid {
namespace {

bool is_number(const std::string& cell) {
  return cell == "undefined" ||
         (!cell.empty() && cell.find_first_not_of("0123456789.,-+e%") == std::string::npos);
}

}  // namespace

void Table::add(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
}

std::string Table::text() const {
  const std::size_t columns = rows_.front().size();
  std::vector<std::size_t> widths(columns, 0);
  std::vector<bool> is_right(columns, true);
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    const std::vector<std::string>& cells = rows_[row];
    const std::size_t full = cells.size() < columns ? cells.size() - 1 : columns;
    for (std::size_t i = 0; i < full; ++i) {
      widths[i] = std::max(widths[i], display_width(cells[i]));
      if (row > 0 && !cells[i].empty() && !is_number(cells[i])) is_right[i] = false;
    }
  }
  std::string text;
  for (const auto& cells : rows_) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string gap(widths[i] - std::min(widths[i], display_width(cells[i])), ' ');
      line += (i == 0 ? "" : "  ") + (is_right[i] ? gap + cells[i] : cells[i] + gap);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace lucid
