#pragma once

#include <optional>

#include "layers/convolution/problem/problem.h"
#include "plan/route_choice.h"

namespace lucid {

// Grades oneDNN's code for one pass of a problem.
enum class Quality {
  kNative,     // a kernel written for the machine's vectors
  kBrgemm,     // batch-reduced products, which take channels by vectors
  kSlow,       // a kernel for older processors, or one known to crawl
  kGemm,       // products over copied columns
  kReference,  // a naive loop
  kWrong,      // known to return wrong numbers
  kNone        // oneDNN has no code at all
};

// The code is fit for use at all, which slow code is.
bool is_sound(Quality quality);
// The code was written for the machine's vectors, as brgemm is.
bool is_native(Quality quality);

// The orders in which oneDNN takes x and y, or their gradients, where it may choose; empty where
// the order is none that our kernels know.
struct Orders {
  std::optional<onednn::Order> x, y;
};

// Answers for oneDNN. Tests put recorded answers in its place, to judge another machine than this.
class Library {
 public:
  virtual ~Library() = default;
  virtual Quality quality(const Problem& problem, Pass pass) const = 0;
  virtual Orders orders(const Problem& problem, Pass pass) const = 0;
};

// The only reader of oneDNN's implementation names, and the only place that knows its faults.
class OneDnn : public Library {
 public:
  explicit OneDnn(const dnnl::engine& engine) : engine_(engine) {}
  Quality quality(const Problem& problem, Pass pass) const override;
  Orders orders(const Problem& problem, Pass pass) const override;

 private:
  dnnl::engine engine_;
};

}  // namespace lucid
