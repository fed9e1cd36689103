#include "train/shared_failure.h"

#include "base/text.h"

namespace lucid {
namespace {

// The first characters of a text: the kind, and what else there is to know but the message.
constexpr char kError = 'e', kDivergence = 'd';
constexpr std::size_t kHeader = 3;

char digit(int number) { return static_cast<char>('0' + number); }

[[noreturn]] void rethrow(const std::string& text) {
  const std::string message = text.substr(kHeader);
  if (text[0] == kDivergence) throw Divergence{message, text[1] == '1', text[2] == '1'};
  throw Error(static_cast<ExitCode>(text[1] - '0'), split(message, '\n'));
}

}  // namespace

void SharedFailure::keep(const Error& error) {
  text_ = {kError, digit(static_cast<int>(error.code())), ' '};
  text_ += error.what();
}

void SharedFailure::keep(const Divergence& divergence) {
  text_ = {kDivergence, digit(divergence.is_within_step ? 1 : 0),
           digit(divergence.is_of_data ? 1 : 0)};
  text_ += divergence.what;
}

void SharedFailure::rethrow_first(Ranks& ranks) {
  for (const std::vector<std::byte>& bytes : ranks.gathered_bytes(std::as_bytes(std::span(text_))))
    if (!bytes.empty()) rethrow({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace lucid
