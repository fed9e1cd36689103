#include "cli/error_rows.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "support/run_program.h"

namespace lucid::test {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> words_of(const std::string& command) {
  std::vector<std::string> words;
  bool is_quoted = false, is_new = true;
  for (const char c : command) {
    if (c == '\'') is_quoted = !is_quoted;
    if (c == ' ' && !is_quoted) {
      is_new = true;
      continue;
    }
    if (is_new) words.emplace_back();
    is_new = false;
    if (c != '\'') words.back() += c;
  }
  return words;
}

Json changed(Json config, const Json& changes) {
  for (const auto& [key, value] : changes.items()) {
    if (!key.starts_with('-')) {
      config[Json::json_pointer(key)] = value;
      continue;
    }
    const Json::json_pointer pointer(key.substr(1));
    config[pointer.parent_pointer()].erase(pointer.back());
  }
  return config;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines = split(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

std::set<std::string> files_in(const fs::path& folder) {
  std::set<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    files.insert(entry.path().string());
  return files;
}

}  // namespace

std::vector<fs::path> error_tables() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(LUCID_SOURCE_DIR) / "tests/cli/errors"))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

ErrorTable::ErrorTable(const fs::path& file) : file_(file), name_(file.stem().string()) {
  const Json table = read_json_file(file);
  begin_ = table.value("begin", Json::array());
  for (const Json& row : table.at("rows")) rows_.push_back(row);
  experiment_.write_config();
  for (const Json& command : begin_) {
    int code = 0;
    const std::string error = run_command(command, Json::object(), code);
    if (code != 0) throw std::runtime_error(command.get<std::string>() + ": " + error);
  }
}

std::string ErrorTable::run_command(const std::string& command, const Json& env, int& code) const {
  std::vector<std::string> words = words_of(command);
  const std::string program = words.front();
  words.erase(words.begin());
  RunOptions options{.cwd = experiment_.folder.path()};
  for (const auto& [key, value] : env.items()) options.env.emplace_back(key, value);
  const ProgramResult result = run_program(program, words, options);
  code = result.code;
  return replaced(result.err, experiment_.folder.path().string(), "FOLDER");
}

Json ErrorTable::run(const Json& row) const {
  const TempDir& folder = experiment_.folder;
  folder.write("a.json", json_text(changed(experiment_.json, row.value("set", Json::object()))));
  const Json files = row.value("files", Json::object());
  for (const auto& [name, text] : files.items()) folder.write(name, text.get<std::string>());
  const std::set<std::string> before = files_in(folder.path());
  int code = 0;
  const std::vector<std::string> lines =
      lines_of(run_command(row.at("run"), row.value("env", Json::object()), code));
  Json result = row;
  result["code"] = code;
  result["error"] = lines.size() == 1 ? Json(lines[0]) : Json(lines);
  if (files_in(folder.path()) != before) result["left"] = "files";  // a refusal writes nothing
  for (const auto& [name, text] : files.items()) fs::remove_all(folder / split(name, '/')[0]);
  return result;
}

void ErrorTable::write(const std::vector<Json>& rows) const {
  std::string text = "{\n";
  if (!begin_.empty()) text += "  \"begin\": " + json_text(begin_) + ",\n";
  text += "  \"rows\": [\n";
  for (std::size_t i = 0; i < rows.size(); ++i)
    text += "    " + json_text(rows[i]) + (i + 1 < rows.size() ? ",\n" : "\n");
  write_file_atomically(file_, text + "  ]\n}\n");
}

namespace {

// A cell of a table in Markdown, as code.
std::string cell(const std::string& text) {
  return text.empty() ? "" : "`" + replaced(text, "|", "\\|") + "`";
}

std::string cells(const std::vector<std::string>& texts) {
  std::vector<std::string> all;
  for (const std::string& text : texts) all.push_back(cell(text));
  return join(all, "<br>");
}

// What a row's command meets: "`/seed` is `-1`", "`b.json` holds `{`".
std::string inputs_text(const Json& row) {
  const Json changes = row.value("set", Json::object()), files = row.value("files", Json::object()),
             variables = row.value("env", Json::object());
  std::vector<std::string> parts;
  for (const auto& [key, value] : changes.items())
    parts.push_back(key.starts_with('-')
                        ? cell(key.substr(1)) + " is missing"
                        : cell(key) + " is " + cell(shortened(json_text(value), 100)));
  for (const auto& [name, text] : files.items())
    parts.push_back(cell(name) + " holds " + cell(shortened(text.get<std::string>(), 100)));
  for (const auto& [name, text] : variables.items())
    parts.push_back(cell(name + "=" + text.get<std::string>()));
  return join(parts, "<br>");
}

std::string row_text(const Json& row) {
  const Json& error = row.at("error");
  return "| " +
         (error.is_array() ? cells(error.get<std::vector<std::string>>())
                           : cell(error.get<std::string>())) +
         " | " + cell(shortened(row.at("run").get<std::string>(), 120)) + " | " + inputs_text(row) +
         " |\n";
}

}  // namespace

std::string errors_page(const std::vector<Json>& rows) {
  std::map<std::string, std::map<int, std::vector<std::string>>> programs;
  for (const Json& row : rows)
    programs[words_of(row.at("run")).front()][row.at("code").get<int>()].push_back(row_text(row));
  std::string page =
      "# Errors\n"
      "What each program writes to stderr, by exit code; 0 are warnings. "
      "[README](../../README.md#exit-codes) "
      "explains the codes.\n"
      "A test runs every command here and compares the whole text. This page is generated from the "
      "tables in\n"
      "[tests/cli/errors](../../tests/cli/errors), where a new message gets a line of its own: "
      "`LUCID_WRITE_ERRORS=1\n"
      "build/lucid-tests --test-case='every error*'` fills in the codes and texts of new lines and "
      "writes this page.\n\n"
      "`FOLDER` is the working directory. `a.json` is a small experiment file, changed as the last "
      "column says.\n";
  for (auto& [program, codes] : programs) {
    page += "\n## " + program + "\n";
    for (auto& [code, lines] : codes) {
      std::ranges::sort(lines);
      page += "\n### Exit code " + std::to_string(code) +
              "\n| message | command | input |\n| --- | --- | --- |\n" + join(lines, "");
    }
  }
  return page;
}

}  // namespace lucid::test
