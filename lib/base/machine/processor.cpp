#include "base/machine/processor.h"

#include <utility>
#if defined(__x86_64__)
#include <cpuid.h>

#include <array>
#include <cstring>
#endif

namespace lucid {
namespace {

Processor found_processor() {
#if defined(__x86_64__)
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid(0, &eax, &ebx, &ecx, &edx) == 0) return {};
  const std::array<unsigned, 3> name = {ebx, edx, ecx};
  std::string vendor(sizeof name, ' ');
  std::memcpy(vendor.data(), name.data(), sizeof name);
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0) return {};
  return processor_of(std::move(vendor), eax);
#else
  return {};
#endif
}

}  // namespace

const Processor& this_processor() {
  static const Processor processor = found_processor();
  return processor;
}

Processor processor_of(std::string vendor, unsigned signature) {
  constexpr unsigned kExtended = 15, kOldIntel = 6;
  const auto bits = [&](unsigned first, unsigned count) {
    return signature >> first & ((1U << count) - 1);
  };
  unsigned family = bits(8, 4), model = bits(4, 4);
  if (family == kExtended || family == kOldIntel) model += bits(16, 4) << 4;
  if (family == kExtended) family += bits(20, 8);
  return {std::move(vendor), static_cast<int>(family), static_cast<int>(model)};
}

}  // namespace lucid
