#pragma once
// Private to this room.

#include <string>
#include <vector>

#include "base/json.h"
#include "data/volumes/volumes.h"

namespace lucid {

// Describes a set such that another one is noticed: its samples, shapes and the checksums of its
// files, of large ones by parts that lie evenly in them. Names and times are left out, so that a
// copy is equal.
Json set_facts(const VolumesConfig& config, const Dataset& set);

// These compare the facts of two sets. The first says what moved, as "samples 6 -> 2", and is empty
// if nothing did; the second returns those of `files`, the second set's, that hold other bytes.
std::string shape_change(const Json& was, const Json& is);
std::vector<std::string> changed_files(const Json& was, const Json& is,
                                       const std::vector<std::string>& files);

}  // namespace lucid
