#pragma once
// Private to this room.

#include <map>
#include <optional>
#include <string>

#include "infer/tiled/slab_choice.h"
#include "infer/tiled/slab_file.h"

namespace lucid {

// What is known of a finished slab: done-VOLUME-DEPTH of OUTPUT.partial holds it.
struct SlabRecord {
  std::optional<Checksum> file;  // none if the slab has no planes
  std::optional<Checksum> sums;  // for the slab after it; none if nobody needed them any more
  std::string process;           // that finished it

  std::string text() const;
  // Nothing if the text is not as text() returned it.
  static std::optional<SlabRecord> read(const std::string& text);
};

// Returns "PREFIX-VOLUME-DEPTH", and the slab that such a name is of.
std::string slab_name(const std::string& prefix, SlabNumber slab);
std::optional<SlabNumber> slab_in(const std::string& prefix, const std::string& name);

// How far a run came that wrote all it had finished to progress.json, as lucid did before several
// processes could share a prediction.
struct EarlierProgress {
  SlabNumber next;
  Checksum sums;  // of `next`
  std::map<SlabNumber, Checksum> slabs;

  // Nothing if the text is damaged.
  static std::optional<EarlierProgress> read(const std::string& text);
};

}  // namespace lucid
