#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"

namespace lucid::fuzz {

// Holds what libFuzzer hands to LLVMFuzzerTestOneInput.
inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Returns a folder of this process, in memory where the system has /dev/shm; it goes away at the
// end.
const std::filesystem::path& folder();

// Writes a file of that name into the folder and returns its path.
std::filesystem::path write_file(const std::string& name, std::string_view content);

// Ends the process with a message. Called where a result is wrong, as a crash is what libFuzzer
// notes.
[[noreturn]] void wrong(const std::string& message);

// Checks what a program would print: a code for bad input, and lines that are not endless.
void check_error(const Error& error);

// Runs `work`, which may refuse its input by an Error; any other exception ends the process.
template <class Work>
void may_refuse(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    check_error(error);
  }
}

}  // namespace lucid::fuzz
