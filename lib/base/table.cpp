#include "base/table.h"

#include <algorithm>

namespace lucid {
namespace {

bool is_number(const std::string& cell) {
  return !cell.empty() && cell.find_first_not_of("0123456789.,-+e%") == std::string::npos;
}

}  // namespace

std::string Table::text() const {
  std::vector<std::size_t> widths(rows_.front().size(), 0);
  std::vector<bool> is_right(rows_.front().size(), true);
  for (std::size_t row = 0; row < rows_.size(); ++row)
    for (std::size_t column = 0; column < rows_[row].size(); ++column) {
      const std::string& cell = rows_[row][column];
      widths[column] = std::max(widths[column], cell.size());
      if (row > 0 && !cell.empty() && !is_number(cell)) is_right[column] = false;
    }
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t column = 0; column < row.size(); ++column) {
      const std::string gap(widths[column] - row[column].size(), ' ');
      line +=
          (column == 0 ? "" : "  ") + (is_right[column] ? gap + row[column] : row[column] + gap);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace lucid
