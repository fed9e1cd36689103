#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "limit_spinning.h"

int main(int argc, char** argv) {
  lucid::limit_spinning(argv);
  return doctest::Context(argc, argv).run();
}
