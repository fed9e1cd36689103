#include "layers/convolution/problem/thresholds.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace lucid::test {

using onednn::VectorSet;

TEST_CASE("a processor takes the row of its family, model and vectors") {
  const Processor zen4{"AuthenticAMD", 25, 0x11};
  CHECK(std::string(thresholds_of(zen4, VectorSet::kAvx512).name) == "Zen 4, AVX-512");
  CHECK(std::string(thresholds_of(zen4, VectorSet::kAvx2).name) == "Zen 4, AVX2");
  CHECK(std::string(thresholds_of(zen4, VectorSet::kPortable).name) == "any processor");
  const Processor zen3{"AuthenticAMD", 25, 0x21}, other{"GenuineIntel", 25, 0x11};
  CHECK(std::string(thresholds_of(zen3, VectorSet::kAvx2).name) == "any processor");
  CHECK(std::string(thresholds_of(other, VectorSet::kAvx512).name) == "any processor");
  CHECK(std::string(thresholds_of({}, VectorSet::kPortable).name) == "any processor");
}

TEST_CASE("no two rows of thresholds hold for one processor") {
  std::set<std::string> seen;
  for (const ThresholdsRow& row : thresholds_table())
    for (int model = row.first_model; model <= row.last_model; ++model)
      CHECK(seen.insert(std::string(row.vendor) + " " + std::to_string(row.family) + " " +
                        std::to_string(model) + " " + std::to_string(static_cast<int>(row.vectors)))
                .second);
}

TEST_CASE("a processor's family and model are read with their extensions") {
  CHECK(processor_of("AuthenticAMD", 0x00a10f11) == Processor{"AuthenticAMD", 25, 0x11});
  CHECK(processor_of("GenuineIntel", 0x000806f8) == Processor{"GenuineIntel", 6, 0x8f});
  CHECK(processor_of("GenuineIntel", 0x00000f43) == Processor{"GenuineIntel", 15, 4});
}

}  // namespace lucid::test
