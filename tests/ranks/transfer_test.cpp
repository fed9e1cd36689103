#include <doctest/doctest.h>

#include <csignal>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "ranks/local_ranks.h"
#include "ranks/swap_messages.h"

// A process of a rank reports by an Error, which run_local_ranks() throws here.
namespace lucid {
namespace {

using test::Bytes;
using test::Channel;
using test::expect;
using test::kLarge;
using test::message;
using test::swap_messages;
using test::wait_for_byte_of;

int run(int count, const std::function<void(Ranks&)>& work) {
  const auto rank = [&](Ranks& ranks) {
    work(ranks);
    return 0;
  };
  return run_local_ranks(count, rank, [] { return 0; });
}

std::string error_of(int count, const std::function<void(Ranks&)>& work) {
  try {
    run(count, work);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("local ranks send each other messages of any size in both directions at once") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kLarge}) {
    CAPTURE(size);
    CHECK(error_of(3, [&](Ranks& ranks) { swap_messages(ranks, Channel::kSteps, size); }) ==
          "none");
  }
}

TEST_CASE("two threads of a rank transfer at the same time, each on a channel of its own") {
  const auto work = [](Ranks& ranks) {
    std::thread gradients([&] { swap_messages(ranks, Channel::kGradients, kLarge); });
    for (std::size_t size = 0; size < 300; ++size) swap_messages(ranks, Channel::kSteps, size);
    gradients.join();
  };
  CHECK(error_of(3, work) == "none");
}

TEST_CASE("several messages between two ranks arrive in order") {
  const auto work = [](Ranks& ranks) {
    const int peer = 1 - ranks.rank();
    const std::vector<std::size_t> sizes{3, 0, 1'000'000, 5};
    std::vector<Bytes> sent, received;
    for (const std::size_t size : sizes) {
      sent.push_back(message(ranks.rank(), peer, size));
      received.emplace_back(size);
    }
    std::vector<Ranks::Outgoing> outgoing;
    std::vector<Ranks::Incoming> incoming;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      outgoing.push_back({peer, sent[i]});
      incoming.push_back({peer, received[i]});
    }
    ranks.transfer(Channel::kGradients, outgoing, incoming);
    for (std::size_t i = 0; i < sizes.size(); ++i)
      expect(received[i] == message(peer, ranks.rank(), sizes[i]), "out of order");
  };
  CHECK(error_of(2, work) == "none");
}

TEST_CASE("ranks gather numbers and bytes of different counts, and what holds on any") {
  for (const int count : {1, 2, 3, 5}) {
    CAPTURE(count);
    const auto work = [&](Ranks& ranks) {
      const std::vector<double> own(static_cast<std::size_t>(ranks.rank()), ranks.rank());
      std::vector<double> all;
      std::vector<Bytes> bytes;
      for (int rank = 0; rank < count; ++rank) {
        all.insert(all.end(), static_cast<std::size_t>(rank), rank);
        bytes.push_back(message(rank, 0, static_cast<std::size_t>(rank)));
      }
      expect(ranks.gathered(own) == all, "other numbers were gathered");
      expect(ranks.gathered_bytes(bytes[static_cast<std::size_t>(ranks.rank())]) == bytes,
             "other bytes were gathered");
      expect(!ranks.any(false), "it holds on none");
      for (int rank = 0; rank < count; ++rank)
        expect(ranks.any(rank == ranks.rank()), "it holds on one");
    };
    CHECK(error_of(count, work) == "none");
  }
}

TEST_CASE("a rank that has ended is an error of those that wait for it, never a wait for ever") {
  CHECK(error_of(3, [](Ranks& ranks) {
          if (ranks.rank() == 0) wait_for_byte_of(ranks, 2);
        }) == "rank 2 of the run has ended");
  CHECK(error_of(3, [](Ranks& ranks) {
          if (ranks.rank() == 2) raise(SIGKILL);
          swap_messages(ranks, Channel::kSteps, kLarge);
        }) == "rank 2 was killed by signal 9; --resume goes on from the last checkpoint");
}

TEST_CASE("the error of a rank is told, not those of the ranks that waited for it") {
  CHECK(error_of(3, [](Ranks& ranks) {
          if (ranks.rank() == 1) throw Error(ExitCode::kData, "a.h5: /x: is odd");
          swap_messages(ranks, Channel::kGradients, kLarge);
        }) == "rank 1: a.h5: /x: is odd");
}

TEST_CASE("a rank that abandons the others ends its own transfer and theirs") {
  const auto work = [](Ranks& ranks) {
    if (ranks.rank() > 0) return wait_for_byte_of(ranks, 0);
    std::string error;
    std::thread waiting([&] {
      try {
        wait_for_byte_of(ranks, 1);
      } catch (const Error& thrown) {
        error = thrown.what();
      }
    });
    ranks.abandon();
    waiting.join();
    expect(error == "rank 1 of the run has ended", "another error: " + error);
  };
  CHECK(error_of(2, work) == "rank 1: rank 0 of the run has ended");
}

}  // namespace lucid
