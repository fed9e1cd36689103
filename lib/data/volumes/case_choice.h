#pragma once

#include <string>
#include <vector>

#include "data/volumes/volume_stacks.h"

namespace lucid {

// Names the volumes of a set as cases, and leaves those that `cases` names, or all if it is empty.
// A volume has the name of what the * stood for, or else of its file; where two would have the same
// one, of both, and of the folders that the files lie in. Throws Error(kUsage) for a name that
// there is not.
void choose_cases(const std::vector<std::string>& cases, std::vector<VolumeStacks>& stacks);

// Whether a case that choose_cases() has named by its file may lie in this one.
bool may_be_of(const std::string& case_name, const std::filesystem::path& file);

// "no case 'a'; did you mean 'b'?", or "no case 'a'; known: b, c" with some that there are.
std::string no_such_case(const std::string& name, std::vector<std::string> known);

// The name of a file without its suffixes: "a" of a.h5, a.nii.gz and a.zarr.
std::string plain_stem(const std::filesystem::path& file);

}  // namespace lucid
