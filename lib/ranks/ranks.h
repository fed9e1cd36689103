#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace lucid {

// The processes that train one run together. All of them call the same functions in the same
// order; each call waits for the others. This class is a process by itself.
class Ranks {
 public:
  virtual ~Ranks() = default;
  virtual int rank() const { return 0; }
  virtual int size() const { return 1; }
  bool is_alone() const { return size() == 1; }
  bool is_first() const { return rank() == 0; }

  // Where this rank puts so many bytes for the others, until exchange() is called.
  virtual std::span<std::byte> outgoing(std::size_t bytes);
  // Returns what each rank put there, by rank. It stays valid until the next call but one.
  virtual std::vector<std::span<const std::byte>> exchange();

  // Returns the numbers of all ranks, in their order; ranks may give different counts.
  std::vector<double> gathered(std::span<const double> own);
  // Whether it holds on one of the ranks.
  bool any(bool holds);
  // The items of `count` that belong to this rank: [first, second), as even as can be.
  std::pair<std::size_t, std::size_t> share(std::size_t count) const {
    return share_of(rank(), count);
  }
  std::pair<std::size_t, std::size_t> share_of(int rank, std::size_t count) const;

 private:
  std::vector<std::byte> own_;
};

// Of a process by itself.
Ranks& alone();

}  // namespace lucid
