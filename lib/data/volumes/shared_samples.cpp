#include "data/volumes/shared_samples.h"

#include <map>

namespace lucid {
namespace {

using Known = std::multimap<std::string, const SampleOrigin*>;

bool do_overlap(const Box& a, const Box& b) {
  return a.voxels() == 0 || b.voxels() == 0 || overlap(a, b).voxels() > 0;
}

std::size_t count_known(const SampleOrigin& origin, const Known& known) {
  std::size_t count = 0;
  for (auto [at, end] = known.equal_range(origin.identity); at != end; ++at) {
    const SampleOrigin& other = *at->second;
    const std::size_t first = std::max(origin.begin, other.begin),
                      last = std::min(origin.end, other.end);
    if (first < last && do_overlap(origin.region, other.region)) count += last - first;
  }
  return std::min(count, origin.end - origin.begin);
}

void add(const SampleOrigin& origin, const Known& known, SharedSamples& shared) {
  const std::size_t count = count_known(origin, known);
  if (count > 0 && shared.count == 0) shared.place = origin.place;
  shared.count += count;
}

}  // namespace

SharedSamples shared_samples(const std::vector<SampleOrigin>& set,
                             const std::vector<SampleOrigin>& other) {
  Known known;
  for (const SampleOrigin& origin : other) known.emplace(origin.identity, &origin);
  SharedSamples shared;
  for (const SampleOrigin& origin : set) add(origin, known, shared);
  return shared;
}

SharedSamples repeated_samples(const std::vector<SampleOrigin>& set) {
  Known known;
  SharedSamples repeated;
  for (const SampleOrigin& origin : set) {
    add(origin, known, repeated);
    known.emplace(origin.identity, &origin);
  }
  return repeated;
}

}  // namespace lucid
