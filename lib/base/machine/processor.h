#pragma once

#include <string>

namespace lucid {

// The kind of the processor, as it names itself: "AuthenticAMD", 25, 17. Families and models are
// the displayed ones, with their extensions. Empty and 0 where there is no such name.
struct Processor {
  std::string vendor{};
  int family = 0, model = 0;

  bool operator==(const Processor&) const = default;
};

const Processor& this_processor();

// Reads the answer of cpuid's leaf 1, of which `signature` is the register eax.
Processor processor_of(std::string vendor, unsigned signature);

}  // namespace lucid
