#pragma once

#include <array>
#include <atomic>
#include <vector>

#include "ranks/ranks.h"

namespace lucid {

// Ranks of one machine, each pair of which is joined by a pair of sockets for each channel. They
// are made before the processes are: each process then becomes one of the ranks.
class SocketRanks : public Ranks {
 public:
  explicit SocketRanks(int size);  // throws Error(kFailed) where there are too few files
  ~SocketRanks() override;
  SocketRanks(const SocketRanks&) = delete;
  SocketRanks& operator=(const SocketRanks&) = delete;

  // Closes the ends of all others, so that a process that ends is seen to.
  void become(int rank);
  // Closes all ends, in the process that is no rank.
  void become_none();

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  void transfer(Channel channel, std::span<const Outgoing> outgoing,
                std::span<const Incoming> incoming) override;
  void abandon() override;
  bool has_lost_peer() const override { return has_lost_peer_; }

 private:
  int& end(int channel, int of, int to) {
    return ends_[static_cast<std::size_t>((channel * size_ + of) * size_ + to)];
  }
  bool send(Channel channel, Outgoing& message);
  bool receive(Channel channel, Incoming& message);
  [[noreturn]] void lose(int peer);
  void close_ends(int kept_rank);

  int size_, rank_ = 0;
  std::vector<int> ends_;  // by channel, the rank that has it, and the rank that it leads to
  std::atomic<bool> has_lost_peer_ = false, is_abandoned_ = false;
};

}  // namespace lucid
