#include "train/step/reduction.h"

#include <algorithm>
#include <bit>

namespace lucid {
namespace {

constexpr auto kChannel = Ranks::Channel::kGradients;

Bucket half(const Bucket& bucket, bool is_upper) {
  const std::size_t middle = bucket.begin + bucket.size() / 2;
  return is_upper ? Bucket{middle, bucket.end} : Bucket{bucket.begin, middle};
}

std::span<float> part(std::span<float> values, const Bucket& bucket) {
  return values.subspan(bucket.begin, bucket.size());
}

}  // namespace

std::vector<Bucket> buckets_of(std::size_t count) {
  std::vector<Bucket> buckets;
  constexpr std::size_t kLast = kLastBucket / sizeof(float);
  const std::size_t last = count > kLast ? count - kLast : 0;
  for (std::size_t at = 0; at < last; at = buckets.back().end)
    buckets.push_back(
        {at, std::min(last, at + (at == 0 ? kFirstBucket : kBucket) / sizeof(float))});
  if (count > 0) buckets.push_back({last, count});
  return buckets;
}

GradientReduction::GradientReduction(Ranks& ranks, GradientSum& sum,
                                     std::vector<std::span<float>> own, std::size_t first,
                                     std::size_t count, bool is_last_of_step)
    : ranks_(ranks),
      sum_(sum),
      own_(std::move(own)),
      first_(first),
      is_last_of_step_(is_last_of_step) {
  for (int rank = 0; rank < ranks.size(); ++rank) {
    const auto [begin, end] = ranks.share_of(rank, count);
    blocks_.push_back(blocks_of(first + begin, first + end));
  }
  is_halved_ = can_be_halved();
}

bool GradientReduction::can_be_halved() const {
  const auto ranks = static_cast<std::size_t>(ranks_.size());
  const auto is_one_block = [&](const std::vector<ShardBlock>& blocks) {
    return blocks.size() == 1 && blocks[0].level == blocks_[0][0].level;
  };
  if (!std::has_single_bit(ranks) || blocks_[0].size() != 1) return false;
  return std::ranges::all_of(blocks_, is_one_block) && first_ % (blocks_[0][0].size() * ranks) == 0;
}

void GradientReduction::run(const Bucket& bucket, std::span<float> gradients) {
  if (is_halved_) return halve(bucket, gradients);
  send_pieces(bucket);
  add_pieces(bucket, gradients);
  if (is_last_of_step_) gather_pieces(bucket, gradients);
}

// A rank has the same piece in all batches of a step, halved or not.
Bucket GradientReduction::piece(const Bucket& bucket, int rank) const {
  if (std::has_single_bit(blocks_.size())) {
    Bucket own = bucket;
    for (int bit = 1; bit < ranks_.size(); bit *= 2) own = half(own, (rank & bit) != 0);
    return own;
  }
  const auto [begin, end] = ranks_.share_of(rank, bucket.size());
  return {bucket.begin + begin, bucket.begin + end};
}

// Every rank gets its piece of all blocks of the others.
void GradientReduction::send_pieces(const Bucket& bucket) {
  const Bucket own_piece = piece(bucket, ranks_.rank());
  std::size_t blocks = 0;
  for (const auto& of_rank : blocks_) blocks += of_rank.size();
  received_.resize(std::max(received_.size(), blocks * own_piece.size()));
  std::vector<Ranks::Outgoing> outgoing;
  std::vector<Ranks::Incoming> incoming;
  std::size_t at = 0;
  for (int rank = 0; rank < ranks_.size(); ++rank) {
    if (rank == ranks_.rank()) continue;
    for (const std::span<float> block : own_)
      outgoing.push_back({rank, std::as_bytes(part(block, piece(bucket, rank)))});
    for (std::size_t i = 0; i < blocks_[static_cast<std::size_t>(rank)].size(); ++i) {
      const std::span to = std::span(received_).subspan(at, own_piece.size());
      incoming.push_back({rank, std::as_writable_bytes(to)});
      at += own_piece.size();
    }
  }
  ranks_.transfer(kChannel, outgoing, incoming);
}

void GradientReduction::add_pieces(const Bucket& bucket, std::span<float> gradients) {
  const Bucket own_piece = piece(bucket, ranks_.rank());
  std::size_t last = 0;  // of the ranks that have shards
  for (std::size_t rank = 0; rank < blocks_.size(); ++rank)
    if (!blocks_[rank].empty()) last = rank;
  std::size_t at = 0;
  for (std::size_t rank = 0; rank < blocks_.size(); ++rank)
    for (std::size_t i = 0; i < blocks_[rank].size(); ++i) {
      const bool is_own = rank == static_cast<std::size_t>(ranks_.rank());
      const std::span<float> values =
          is_own ? part(own_[i], own_piece) : std::span(received_).subspan(at, own_piece.size());
      if (!is_own) at += own_piece.size();
      const ShardBlock& block = blocks_[rank][i];
      if (!is_last_of_step_ || rank != last || i + 1 != blocks_[rank].size()) {
        sum_.add(values, own_piece.begin, block.first, block.level);
        continue;
      }
      sum_.finish(values, own_piece.begin, block.first);
      if (!is_own) std::ranges::copy(values, part(gradients, own_piece).begin());
    }
}

void GradientReduction::gather_pieces(const Bucket& bucket, std::span<float> gradients) {
  std::vector<Ranks::Outgoing> outgoing;
  std::vector<Ranks::Incoming> incoming;
  for (int rank = 0; rank < ranks_.size(); ++rank) {
    if (rank == ranks_.rank()) continue;
    outgoing.push_back({rank, std::as_bytes(part(gradients, piece(bucket, ranks_.rank())))});
    incoming.push_back({rank, std::as_writable_bytes(part(gradients, piece(bucket, rank)))});
  }
  ranks_.transfer(kChannel, outgoing, incoming);
}

// Neighbours first, as in the tree: in round k, ranks whose numbers differ in bit k.
void GradientReduction::halve(Bucket bucket, std::span<float> gradients) {
  struct Round {
    int peer;
    Bucket own, of_peer;
  };
  std::vector<Round> rounds;
  received_.resize(std::max(received_.size(), (bucket.size() + 1) / 2));
  for (int bit = 1; bit < ranks_.size(); bit *= 2) {
    const bool is_upper = (ranks_.rank() & bit) != 0;
    const Round round{ranks_.rank() ^ bit, half(bucket, is_upper), half(bucket, !is_upper)};
    const std::span<float> received = std::span(received_).first(round.own.size());
    ranks_.transfer(
        kChannel,
        std::array{Ranks::Outgoing{round.peer, std::as_bytes(part(gradients, round.of_peer))}},
        std::array{Ranks::Incoming{round.peer, std::as_writable_bytes(received)}});
    const std::span<float> own = part(gradients, round.own);
    for (std::size_t i = 0; i < own.size(); ++i) own[i] = received[i] + own[i];
    bucket = round.own;
    rounds.push_back(round);
  }
  const std::size_t level =
      blocks_[0][0].level + static_cast<std::size_t>(std::bit_width(blocks_.size()) - 1);
  if (!is_last_of_step_) return sum_.add(part(gradients, bucket), bucket.begin, first_, level);
  sum_.finish(part(gradients, bucket), bucket.begin, first_);
  for (; !rounds.empty(); rounds.pop_back()) {
    const Round& round = rounds.back();
    ranks_.transfer(
        kChannel,
        std::array{Ranks::Outgoing{round.peer, std::as_bytes(part(gradients, round.own))}},
        std::array{
            Ranks::Incoming{round.peer, std::as_writable_bytes(part(gradients, round.of_peer))}});
  }
}

}  // namespace lucid
