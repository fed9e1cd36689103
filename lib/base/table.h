#pragma once

#include <string>
#include <vector>

namespace lucid {

// Formats text in columns as wide as their widest cell; columns of numbers are right-aligned. If a
// row is shorter than the header, its last cell is a remark and does not widen its column.
class Table {
 public:
  explicit Table(std::vector<std::string> header) { add(std::move(header)); }
  // Cells are shown as printable text.
  void add(std::vector<std::string> cells);
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace lucid
