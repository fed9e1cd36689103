#pragma once

#include <functional>
#include <string>
#include <vector>

#include "data/hdf5/handle.h"

namespace lucid::hdf5 {

// Groups deeper than this are not entered: each costs memory, and HDF5 recurses when it copies.
inline constexpr std::size_t kDeepestGroup = 256;
inline constexpr std::size_t kMostLinks = 1000000;

// Called now and then during long work; may throw to stop it.
using Interrupt = std::function<void()>;

// A part of a file that could not be listed.
struct LeftOut {
  std::string path;    // without leading "/"
  std::string reason;  // "a.h5: /deep/group: cannot be opened: .."
};

// The paths, without leading "/", of everything but groups, and what could not be listed; sorted.
struct Listing {
  std::vector<std::string> paths;
  std::vector<LeftOut> left_out;
  // Other files that groups lie in, kept open up to this number.
  static constexpr std::size_t kMostFiles = 100;
  std::vector<Handle> files;
  std::size_t file_count = 0;  // of all other files
};

// Returns the sorted names of links in the group. Throws Error(kData).
std::vector<std::string> link_names(const Handle& group, const std::string& place);

// Lists what lies below an open group of this path. Links are followed, into other files too; a
// link that leads nowhere is listed. Every group is entered once, whatever number of paths lead to
// it, under the name that is met first; meets at most `most_links` links.
Listing list_links(Handle group, const std::string& path, const std::string& file,
                   std::size_t most_links, const Interrupt& interrupt);

// Returns "a/b"; "b" if `path` is the root's.
std::string path_below(const std::string& path, const std::string& name);

}  // namespace lucid::hdf5
