#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace lucid {

// The processes that train one run together. All of them call the same functions in the same
// order; each call waits for the others that it hears from. This class is a process by itself.
class Ranks {
 public:
  struct Outgoing {
    int to;
    std::span<const std::byte> bytes;
  };
  struct Incoming {
    int from;
    std::span<std::byte> bytes;
  };
  // Two conversations may go on at the same time, each from a thread of its own.
  enum class Channel { kSteps, kGradients };
  static constexpr int kChannels = 2;

  virtual ~Ranks() = default;
  virtual int rank() const { return 0; }
  virtual int size() const { return 1; }
  bool is_alone() const { return size() == 1; }
  bool is_first() const { return rank() == 0; }

  // Sends and receives all of these messages, in both directions at once, and returns when all have
  // left or arrived. Both sides know the sizes. Messages between two ranks on a channel arrive in
  // order; no rank sends to itself. Throws Error(kFailed) when a peer is gone.
  virtual void transfer(Channel, std::span<const Outgoing>, std::span<const Incoming>) {}
  // Makes the transfers that go on and all later ones throw, here and at the peers. For a rank that
  // gives up and has to wait for a thread of its own that is in a transfer.
  virtual void abandon() {}
  // Whether a transfer has thrown for another rank: an error is then about that.
  virtual bool has_lost_peer() const { return false; }

  // Returns the numbers of all ranks, in their order; ranks may give different counts.
  std::vector<double> gathered(std::span<const double> own);
  // The same for bytes, by rank.
  std::vector<std::vector<std::byte>> gathered_bytes(std::span<const std::byte> own);
  // Whether it holds on one of the ranks.
  bool any(bool holds);

  // How long this process has been in the three functions above.
  double wait_seconds() const { return wait_seconds_; }

  // The items of `count` that belong to this rank: [first, second), as even as can be.
  std::pair<std::size_t, std::size_t> share(std::size_t count) const {
    return share_of(rank(), count);
  }
  std::pair<std::size_t, std::size_t> share_of(int rank, std::size_t count) const;

 private:
  // Fills items from those of the others: item i, from byte begins[i] to begins[i + 1], is of the
  // rank i before this one; item 0 is there.
  void gather(std::span<std::byte> items, std::span<const std::size_t> begins);
  // transfer() on the channel of steps, whose time counts.
  void wait_for(std::span<const Outgoing> outgoing, std::span<const Incoming> incoming);

  double wait_seconds_ = 0;
};

// Of a process by itself.
Ranks& alone();

}  // namespace lucid
