#pragma once

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "cli/results.h"
#include "data/hdf5/h5_files.h"

namespace lucid::test {

// Six cases of 20x24x20 voxels with a bright box, whose place differs: class 1, or two objects a
// case, numbered from 1 to 12.
inline void make_cases(const std::filesystem::path& file, bool numbers_objects = false) {
  for (int number = 0; number < 6; ++number) {
    std::vector<double> raw, label;
    for (int d = 0; d < 20; ++d)
      for (int h = 0; h < 24; ++h)
        for (int w = 0; w < 20; ++w) {
          const bool is_in = std::abs(d - 8 - number % 3) < 4 && std::abs(h - 12) < 5 &&
                             std::abs(w - 7 - number) < 4;
          raw.push_back((is_in ? 100 : 20) + (d * 7 + h * 5 + w * 3) % 11 + 1);
          const int object = numbers_objects ? 2 * number + (h < 12 ? 1 : 2) : 1;
          label.push_back(is_in ? object : 0);
        }
    const std::string name = "case" + std::to_string(number);
    store(file, name + "/raw", {{20, 24, 20}, raw, H5T_STD_I16LE});
    store(file, name + "/label", {{20, 24, 20}, label, H5T_STD_U8LE});
  }
}

inline ProgramResult plan_in(const TempDir& folder, std::vector<std::string> arguments) {
  arguments.emplace_back("--quiet");
  return run_program("lucid-plan", arguments, {.cwd = folder.path()});
}

}  // namespace lucid::test
