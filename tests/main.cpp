#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "calm_threads.h"

int main(int argc, char** argv) {
  lucid::calm_threads(argv);
  return doctest::Context(argc, argv).run();
}
