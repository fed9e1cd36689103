#pragma once

#include <string>
#include <vector>

namespace lucid {

// Lines of text with columns as wide as their widest cell; numbers are set to the right. A row
// shorter than the header ends with a remark, which widens no column.
class Table {
 public:
  explicit Table(std::vector<std::string> header) { add(std::move(header)); }
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace lucid
