#pragma once

namespace lucid::test {

// True in a build with sanitizers, which need memory and open files of their own. Arithmetic takes
// up to ten times as long there, so that what compares many numbers of code whose memory other
// tests watch as well is left out:
//   TEST_CASE("..." * doctest::skip(test::kIsSanitized))
#ifdef LUCID_SANITIZE
inline constexpr bool kIsSanitized = true;
#else
inline constexpr bool kIsSanitized = false;
#endif

}  // namespace lucid::test
