#include "folds/splits.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "data/volumes/case_choice.h"
#include "folds/k_fold.h"

namespace lucid {
namespace {

FoldSplits dealt(const RunConfig& config, const std::vector<std::string>& cases) {
  const FoldsConfig& folds = *config.train.folds;
  if (static_cast<std::size_t>(folds.count) > cases.size())
    throw Error(ExitCode::kUsage, config.file + ": /train/folds/count: expected at most " +
                                      std::to_string(cases.size()) +
                                      ", the cases of data.train, found " +
                                      std::to_string(folds.count));
  FoldSplits splits;
  for (const std::vector<std::size_t>& held_out :
       held_out_cases(cases.size(), static_cast<std::size_t>(folds.count), folds.seed)) {
    FoldSplit& split = splits.emplace_back();
    for (std::size_t i = 0; i < cases.size(); ++i)
      (std::ranges::binary_search(held_out, i) ? split.held_out : split.train).push_back(cases[i]);
  }
  return splits;
}

// Checks the names of a file of splits, fold by fold.
class SplitsCheck {
 public:
  SplitsCheck(const std::vector<std::string>& cases, ConfigErrors& errors)
      : cases_(cases), errors_(errors) {}

  void check(const FoldSplit& split, const std::string& fold) {
    std::set<std::string> seen;
    for (const auto& [list, key] :
         {std::pair(&split.train, "/train/"), std::pair(&split.held_out, "/val/")})
      for (std::size_t i = 0; i < list->size(); ++i)
        check_name((*list)[i], fold + key + std::to_string(i), seen);
    for (std::size_t i = 0; i < split.held_out.size(); ++i) {
      const auto [first, is_new] = held_out_.emplace(split.held_out[i], fold);
      if (!is_new && first->second != fold)
        errors_.add(fold + "/val/" + std::to_string(i),
                    "expected a case that no other fold holds out, found " +
                        in_quotes(split.held_out[i]) + ", which " + first->second +
                        "/val has, too");
    }
  }

 private:
  void check_name(const std::string& name, const std::string& pointer,
                  std::set<std::string>& seen) {
    if (!std::ranges::binary_search(cases_, name))
      errors_.add(pointer, errors_.is_full() ? name : no_such_case(name, cases_));
    else if (!seen.insert(name).second)
      errors_.add(pointer, "duplicate case " + in_quotes(name) + "; keep it once in the fold");
  }

  const std::vector<std::string>& cases_;
  ConfigErrors& errors_;
  std::map<std::string, std::string> held_out_;  // the fold of each name
};

}  // namespace

FoldSplits splits_of(const RunConfig& config, const std::vector<std::string>& cases) {
  const std::string& file = config.train.folds->file;
  return file.empty() ? dealt(config, cases) : read_splits(file, cases);
}

FoldSplits read_splits(const std::filesystem::path& file, const std::vector<std::string>& cases) {
  const Json json = read_json_file(file);
  ConfigErrors errors(file.string());
  if (!json.is_array() || json.empty()) {
    errors.add(
        "", "expected a list of {\"train\": [names], \"val\": [names]}, found " + found_text(json));
    errors.throw_if_any();
  }
  FoldSplits splits;
  SplitsCheck check(cases, errors);
  for (std::size_t i = 0; i < json.size(); ++i) {
    const std::string pointer = "/" + std::to_string(i);
    JsonObject fold(json[i], pointer, errors);
    splits.push_back({fold.strings("train", true), fold.strings("val", true)});
    fold.finish();
    check.check(splits.back(), pointer);
  }
  errors.throw_if_any();
  return splits;
}

std::string splits_text(const FoldSplits& splits) {
  Json json = Json::array();
  for (const FoldSplit& split : splits)
    json.push_back({{"train", split.train}, {"val", split.held_out}});
  return json_text(json, 4) + "\n";
}

}  // namespace lucid
