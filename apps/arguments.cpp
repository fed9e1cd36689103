#include "arguments.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>

#include "base/registry.h"
#include "base/text.h"

namespace lucid {
namespace {

using Words = std::vector<std::string>;

template <class Number>
std::optional<Number> number_of(const std::string& text) {
  const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
  const char* end = text.data() + text.size();
  Number number{};
  const auto [stop, error] = std::from_chars(begin, end, number);
  return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

// Returns the subcommand that was chosen, or the program itself.
const CLI::App& chosen(const CLI::App& app) {
  const auto subcommands = app.get_subcommands();
  return subcommands.empty() ? app : *subcommands.front();
}

std::string full_name(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name()
                                     : full_name(*app.get_parent()) + " " + app.get_name();
}

Words subcommand_names(const CLI::App& app) {
  Words names;
  for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(each->get_name());
  return names;
}

Words option_names(const CLI::App& app) {
  Words names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

bool is_option(const std::string& word) {
  return word.size() > 1 && word[0] == '-' && !number_of<double>(word);
}

std::string unknown_option(const CLI::App& command, const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  const std::string best = closest_match(name, option_names(command));
  return "no option " + in_quotes(name) +
         (best.empty() ? ";" : "; did you mean " + in_quotes(best) + "?");
}

// Returns what is wrong, up to "see PROGRAM --help". An option that is misspelt is why another one
// is missing.
std::string reason(const CLI::App& app, const CLI::App& command, const CLI::ParseError& error) {
  const Words rest = app.remaining(true);
  const Words subcommands = subcommand_names(app);
  const auto option = std::ranges::find_if(rest, is_option);
  if (option != rest.end()) return unknown_option(command, *option);
  if (!subcommands.empty() && &command == &app)
    return (rest.empty() ? "expected a subcommand, found none; known: " + join(subcommands, ", ")
                         : no_such("subcommand", rest.front(), subcommands)) +
           ";";
  if (!rest.empty()) return "expected no argument " + in_quotes(rest.front()) + ";";
  const std::string what = error.what();
  const std::string mark = "Could not convert: ", equals = " = ", missing = ": 1 required ";
  if (const auto at = what.find(equals); what.starts_with(mark) && at != std::string::npos) {
    const std::string name = what.substr(mark.size(), at - mark.size());
    const CLI::Option* given = command.get_option_no_throw(name);
    const bool is_flag = given != nullptr && given->get_expected_min() == 0;
    return name + (is_flag ? ": expected no value, found " : ": expected a number, found ") +
           in_quotes(what.substr(at + equals.size())) + ";";
  }
  if (const auto at = what.find(missing); at != std::string::npos && what.ends_with(" missing"))
    return what.substr(0, at) + ": expected " +
           what.substr(at + missing.size(), what.rfind(' ') - at - missing.size()) +
           ", found none;";
  return what + ";";
}

CLI::Validator integer_check(std::int64_t low, std::int64_t high, const std::string& range,
                             const std::string& description) {
  const auto check = [=](const std::string& text) -> std::string {
    const auto number = number_of<std::int64_t>(text);
    if (number && *number >= low && *number <= high) return {};
    return "expected an integer " + range + ", found " + in_quotes(text);
  };
  return {check, description};
}

CLI::Validator number_check(const std::function<bool(double)>& is_good, const std::string& range,
                            const std::string& description) {
  const auto check = [=](const std::string& text) -> std::string {
    const auto number = number_of<double>(text);
    if (number && is_good(*number)) return {};
    return "expected a number " + range + ", found " + in_quotes(text);
  };
  return {check, description};
}

}  // namespace

CLI::Validator integer_range(std::int64_t low, std::int64_t high) {
  const std::string ends = std::to_string(low) + " to " + std::to_string(high);
  return integer_check(low, high, "from " + ends,
                       "INT in [" + std::to_string(low) + " - " + std::to_string(high) + "]");
}

CLI::Validator integer_from(std::int64_t low) {
  const std::string range = ">= " + std::to_string(low);
  return integer_check(low, std::numeric_limits<std::int64_t>::max(), range, "INT " + range);
}

CLI::Validator number_range(double low, double high) {
  const std::string range = number_text(low) + " to " + number_text(high);
  return number_check([=](double number) { return number >= low && number <= high; },
                      "from " + range,
                      "FLOAT in [" + number_text(low) + " - " + number_text(high) + "]");
}

CLI::Validator positive_number() {
  return number_check([](double number) { return number > 0 && std::isfinite(number); }, "> 0",
                      "POSITIVE");
}

CLI::Validator one_of(std::vector<std::string> known) {
  const std::string list = join(known, ", "), shown = "{" + join(known, ",") + "}";
  const auto check = [known = std::move(known), list](const std::string& text) -> std::string {
    if (std::ranges::find(known, text) != known.end()) return {};
    const std::string best = closest_match(text, known);
    return "expected one of " + list + ", found " + in_quotes(text) +
           (best.empty() ? "" : "; did you mean " + in_quotes(best) + "?");
  };
  return {check, shown};
}

std::string argument_error(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = chosen(app);
  const std::string why = reason(app, command, error);
  const std::string name = full_name(command);
  const bool ends_twice = why.ends_with("?;");
  return message_line(app.get_name() + ": " + (ends_twice ? why.substr(0, why.size() - 1) : why) +
                      " see " + name + " --help");
}

}  // namespace lucid
