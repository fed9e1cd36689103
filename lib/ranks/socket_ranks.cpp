#include "ranks/socket_ranks.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace lucid {
namespace {

constexpr int kNone = -1;

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

// Moves the messages on in their order; one that is not through holds up those behind it between
// the same ranks. Returns whether all are through.
template <class Message, class Peer, class Move>
bool move_on(std::vector<Message>& messages, std::vector<bool>& is_held, const Peer& peer_of,
             const Move& move) {
  is_held.assign(is_held.size(), false);
  bool are_through = true;
  for (Message& message : messages) {
    const auto peer = static_cast<std::size_t>(peer_of(message));
    if (message.bytes.empty() || is_held[peer]) continue;
    is_held[peer] = !move(message);
    are_through = are_through && !is_held[peer];
  }
  return are_through;
}

}  // namespace

SocketRanks::SocketRanks(int size)
    : size_(size), ends_(static_cast<std::size_t>(kChannels * size * size), kNone) {
  for (int channel = 0; channel < kChannels; ++channel)
    for (int a = 0; a < size; ++a)
      for (int b = 0; b < a; ++b) {
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) {
          const int error = errno;
          become_none();
          throw Error(ExitCode::kFailed, "--ranks: cannot join " + std::to_string(size) +
                                             " ranks by sockets: " + std::strerror(error));
        }
        end(channel, a, b) = ends[0];
        end(channel, b, a) = ends[1];
      }
}

SocketRanks::~SocketRanks() { become_none(); }

void SocketRanks::close_ends(int kept_rank) {
  for (int channel = 0; channel < kChannels; ++channel)
    for (int of = 0; of < size_; ++of)
      for (int to = 0; to < size_; ++to)
        if (int& socket = end(channel, of, to); of != kept_rank && socket != kNone) {
          close(socket);
          socket = kNone;
        }
}

void SocketRanks::become(int rank) {
  rank_ = rank;
  close_ends(rank);
}

void SocketRanks::become_none() { close_ends(kNone); }

void SocketRanks::lose(int peer) {
  if (!is_abandoned_) has_lost_peer_ = true;
  throw Error(ExitCode::kFailed, "rank " + std::to_string(peer) + " of the run has ended");
}

// Sends what the socket takes; returns whether all of the message is gone.
bool SocketRanks::send(Channel channel, Outgoing& message) {
  const int socket = end(static_cast<int>(channel), rank_, message.to);
  while (!message.bytes.empty()) {
    const ssize_t sent =
        ::send(socket, message.bytes.data(), message.bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && would_block()) return false;
    if (sent < 0 && errno != EINTR) lose(message.to);
    if (sent > 0) message.bytes = message.bytes.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

// Takes what has come; returns whether all of the message has.
bool SocketRanks::receive(Channel channel, Incoming& message) {
  const int socket = end(static_cast<int>(channel), rank_, message.from);
  while (!message.bytes.empty()) {
    const ssize_t got = ::recv(socket, message.bytes.data(), message.bytes.size(), MSG_DONTWAIT);
    if (got < 0 && would_block()) return false;
    if (got == 0 || (got < 0 && errno != EINTR)) lose(message.from);
    if (got > 0) message.bytes = message.bytes.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

void SocketRanks::transfer(Channel channel, std::span<const Outgoing> outgoing,
                           std::span<const Incoming> incoming) {
  std::vector<Outgoing> out(outgoing.begin(), outgoing.end());
  std::vector<Incoming> in(incoming.begin(), incoming.end());
  std::vector<bool> is_held(static_cast<std::size_t>(size_));
  std::vector<pollfd> waiting;
  while (true) {
    const bool are_sent = move_on(
        out, is_held, [](const Outgoing& m) { return m.to; },
        [&](Outgoing& m) { return send(channel, m); });
    const bool are_received = move_on(
        in, is_held, [](const Incoming& m) { return m.from; },
        [&](Incoming& m) { return receive(channel, m); });
    if (are_sent && are_received) return;
    waiting.clear();
    const auto wait_for = [&](int peer, short event) {
      waiting.push_back({end(static_cast<int>(channel), rank_, peer), event, 0});
    };
    for (const Outgoing& message : out)
      if (!message.bytes.empty()) wait_for(message.to, POLLOUT);
    for (const Incoming& message : in)
      if (!message.bytes.empty()) wait_for(message.from, POLLIN);
    poll(waiting.data(), waiting.size(), -1);  // a signal may end it early: no harm
  }
}

void SocketRanks::abandon() {
  is_abandoned_ = true;
  for (int channel = 0; channel < kChannels; ++channel)
    for (int to = 0; to < size_; ++to)
      if (const int socket = end(channel, rank_, to); socket != kNone) shutdown(socket, SHUT_RDWR);
}

}  // namespace lucid
