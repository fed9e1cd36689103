#include "structure/functions.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace lucid::test {
namespace {

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

// The place behind a literal that begins at a quotation mark, or behind R"x(...)x".
std::size_t end_of_literal(const std::string& text, std::size_t at) {
  const char quote = text[at];
  if (quote == '"' && at > 0 && text[at - 1] == 'R') {
    const auto open = text.find('(', at);
    const std::string close = ")" + text.substr(at + 1, open - at - 1) + "\"";
    return text.find(close, open) + close.size();
  }
  for (++at; at < text.size() && text[at] != quote; ++at)
    if (text[at] == '\\') ++at;
  return at + 1;
}

std::size_t end_of_line(const std::string& text, std::size_t at) {
  return std::min(text.find('\n', at), text.size());
}

// A preprocessor directive ends with the first line that has no backslash at its end.
std::size_t end_of_directive(const std::string& text, std::size_t at) {
  std::size_t end = end_of_line(text, at);
  while (end < text.size() && text[end - 1] == '\\') end = end_of_line(text, end + 1);
  return end;
}

bool is_first_of_line(const std::string& text, std::size_t at) {
  while (at > 0 && text[at - 1] == ' ') --at;
  return at == 0 || text[at - 1] == '\n';
}

// A quotation mark within a number, as in 1'000, begins no literal.
bool is_separator(const std::string& text, std::size_t at) {
  return text[at] == '\'' && at > 0 && std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0;
}

// The end of what holds no code and begins here: a comment, a literal or a directive; else `at`.
std::size_t end_of_no_code(const std::string& text, std::size_t at) {
  if (text.compare(at, 2, "//") == 0) return end_of_line(text, at);
  if (text.compare(at, 2, "/*") == 0) return text.find("*/", at + 2) + 2;
  if (text[at] == '#' && is_first_of_line(text, at)) return end_of_directive(text, at);
  if ((text[at] == '"' || text[at] == '\'') && !is_separator(text, at))
    return end_of_literal(text, at);
  return at;
}

// The source with spaces for all that is no code; lines stay where they are.
std::string code_of(std::string text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(end_of_no_code(text, at), text.size());
    for (std::size_t i = at; i < end; ++i)
      if (text[i] != '\n') text[i] = ' ';
    at = end == at ? at + 1 : end;
  }
  return text;
}

// Walks through namespaces and classes, statement by statement.
class Finder {
 public:
  std::vector<FunctionLines> find(const std::string& code) {
    for (const char c : code) {
      if (c == '\n') ++line_;
      if (is_space(c))
        statement_ += ' ';
      else
        take(c);
    }
    finish_function();
    return std::move(functions_);
  }

 private:
  void take(char c) {
    if (depth_ > 0) {  // within a function, or an initializer
      depth_ += c == '{' ? 1 : c == '}' ? -1 : 0;
      if (depth_ == 0) last_line_ = line_;
      return;
    }
    if (last_line_ > 0) after_block(c);
    if (c == ';' || c == '}' || (c == ':' && is_access())) return begin_statement();
    if (c == '{') return open();
    if (first_line_ == 0) first_line_ = line_;
    statement_ += c;
  }

  // A block that is followed by one of these was an initializer: of a member, or of a variable.
  void after_block(char c) {
    if (c == ',' || c == '{' || c == ';' || c == ')') {
      last_line_ = 0;
      return;
    }
    finish_function();
  }

  void finish_function() {
    if (last_line_ > 0) functions_.push_back({first_line_, last_line_ - first_line_ + 1});
    begin_statement();
  }

  void begin_statement() {
    statement_.clear();
    first_line_ = last_line_ = 0;
  }

  bool is_access() const {
    const auto end = statement_.find_last_not_of(' ') + 1;
    const std::string text = statement_.substr(0, end);
    return text.ends_with("public") || text.ends_with("private") || text.ends_with("protected");
  }

  void open() {
    if (statement_.find('(') != std::string::npos || statement_.find('=') != std::string::npos)
      depth_ = 1;
    else
      begin_statement();  // a namespace or a class: its members come next
  }

  std::vector<FunctionLines> functions_;
  std::string statement_;
  std::size_t line_ = 1, first_line_ = 0, last_line_ = 0;
  int depth_ = 0;
};

}  // namespace

std::vector<FunctionLines> functions_in(const std::string& source) {
  return Finder().find(code_of(source));
}

}  // namespace lucid::test
