#include "ranks/last_words.h"

#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <vector>

namespace lucid {
namespace {

LastWords words(const std::string& message, const std::string& host, bool is_about_peer = false) {
  LastWords made{.code = 3, .is_error = !message.empty(), .is_about_peer = is_about_peer};
  std::strcpy(made.message, message.c_str());
  std::strcpy(made.host, host.c_str());
  return made;
}

std::string told(const std::vector<LastWords>& all, bool is_about_peer = false) {
  const auto error = first_error(all, is_about_peer);
  return error ? error->what() : "";
}

}  // namespace

TEST_CASE("the error of the lowest rank is told, with its host unless all have the same") {
  CHECK(told({words("", "a"), words("", "b")}) == "");
  CHECK(told({words("x is odd", "a"), words("x is odd", "b")}) == "x is odd");
  CHECK(told({words("x is odd", "a"), words("y is odd", "b")}) == "rank 0 (a): x is odd");
  CHECK(told({words("x is odd", "a"), words("", "b")}) == "rank 0 (a): x is odd");
  CHECK(told({words("", "a"), words("y is odd", "b")}) == "rank 1 (b): y is odd");
}

TEST_CASE("without hosts the error of the first rank has no name") {
  CHECK(told({words("x is odd", ""), words("", "")}) == "x is odd");
  CHECK(told({words("", ""), words("y is odd", "")}) == "rank 1: y is odd");
}

TEST_CASE("an error about another rank is not one of the rank itself") {
  const std::vector<LastWords> all{words("rank 1 has ended", "a", true), words("odd", "b")};
  CHECK(told(all) == "rank 1 (b): odd");
  CHECK(told(all, true) == "rank 0 (a): rank 1 has ended");
}

TEST_CASE("an exception of a rank's work becomes its last words") {
  const LastWords failed =
      words_of(alone(), [](Ranks&) -> int { throw Error(ExitCode::kData, "a.h5: is odd"); });
  CHECK(failed.is_error);
  CHECK_FALSE(failed.is_about_peer);
  CHECK(failed.code == 3);
  CHECK(std::string(failed.message) == "a.h5: is odd");
  CHECK(words_of(alone(), [](Ranks&) { return 7; }).code == 7);
  CHECK(words_of(alone(), [](Ranks&) -> int { throw std::bad_alloc(); }).is_error);
}

}  // namespace lucid
