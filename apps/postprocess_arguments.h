#pragma once

#include <string>

#include "labels/postprocess_rules.h"

namespace lucid {

// Reads rules of postprocessing: each is an option of lucid-data postprocess, and a word after
// lucid-infer --postprocess. Everything throws Error(kUsage).
class PostprocessArguments {
 public:
  // `prefix` is what stands before the name of a rule in messages: "--" or "--postprocess ".
  explicit PostprocessArguments(std::string prefix) : prefix_(std::move(prefix)) {}

  // Reads "merge=2,3=1", "min-size=30mm3" or "smallest=30", "keep-largest=per-class" or
  // "largest=..", "fill-holes", ....
  void add(const std::string& rule);
  void add(const std::string& name, const std::string& value);
  // Throws "PLACE: ..." if no rule says what is done to the labels.
  const PostprocessRules& rules(const std::string& place) const;

 private:
  void add_merge(const std::string& value);
  void add_keep_largest(const std::string& value);
  void add_fill_holes(const std::string& value);
  LeastSize least_size(const std::string& value) const;
  LeastSize mm3_size(const std::string& value) const;
  Connectivity connectivity(const std::string& value) const;
  std::set<Label> labels(const std::string& name, const std::string& value,
                         const std::string& other) const;
  [[noreturn]] void refuse(const std::string& name, const std::string& expected,
                           const std::string& found) const;

  std::string prefix_;
  PostprocessRules rules_;
  std::set<std::string> given_;
};

}  // namespace lucid
