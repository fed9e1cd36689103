#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace lucid {

// Checks of an option's value. Unlike CLI11's own, they refuse it in the words that files are
// refused with, and guess what was meant.
CLI::Validator integer_range(std::int64_t low, std::int64_t high);
CLI::Validator integer_from(std::int64_t low);
CLI::Validator number_range(double low, double high);
CLI::Validator positive_number();
CLI::Validator one_of(std::vector<std::string> known);

// Returns what is wrong with the arguments in one line: "PROGRAM: no option '--ouput'; did you mean
// '--output'? see PROGRAM --help".
std::string argument_error(const CLI::App& app, const CLI::ParseError& error);

}  // namespace lucid
