#include "train_folds.h"

#include <charconv>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "folds/fold_summary.h"
#include "folds/shared_config.h"
#include "program.h"
#include "stop_signal.h"
#include "train_scans.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

constexpr auto kAll = "all";

RunConfig config_of(const TrainOptions& o) {
  const std::string saved = FoldFolder(o.resume).config().string();
  RunConfig config = o.config.empty() ? read_config(read_json_file(saved), saved, "", o.overrides)
                                      : read_config_file(o.config, o.overrides);
  if (!config.train.folds)
    throw Error(ExitCode::kUsage,
                config.file + ": /train: expected folds with --fold, found none; set train.folds");
  return config;
}

FoldFolder folder_of(const TrainOptions& o, const std::string& name) {
  if (!o.resume.empty()) return FoldFolder(o.resume);
  return FoldFolder(o.output.empty() ? RunFolder::with_default_name(name).path()
                                     : fs::path(o.output));
}

class FoldTraining {
 public:
  // Of scans the config has the imported files.
  FoldTraining(const TrainOptions& o, const RunWork& runs, RunConfig config, FoldFolder folder)
      : o_(o),
        runs_(runs),
        config_(std::move(config)),
        cases_(config_.data.train),
        splits_(splits_of(config_, cases_.names())),
        folder_(std::move(folder)) {
    check_held_out(config_, cases_);
    if (o_.ranks->is_first())
      shared_ = shared_config(config_, cases_, folder_, {o_.threads, o_.trains()});
    for (const std::string& line : shared_.notes) print_warning(line);
    share(shared_.config);
    folder_.check_goes_on(splits_, shared_.config);
  }

  int run() {
    const std::vector<std::size_t> asked = asked_folds();
    if (!o_.trains()) return check(asked);
    for (const std::size_t fold : asked)
      if (const int code = begin_or_go_on(fold); code != 0) return code;
    return o_.ranks->is_first() ? summarize() : 0;
  }

 private:
  enum class State { kNew, kBegun, kTrained };

  std::vector<std::size_t> asked_folds() const {
    std::vector<std::size_t> asked;
    if (o_.fold.empty() || o_.fold == kAll) {
      for (std::size_t fold = 0; fold < splits_.size(); ++fold) asked.push_back(fold);
      return asked;
    }
    std::size_t fold = splits_.size();
    const char* const end = o_.fold.data() + o_.fold.size();
    const auto [stop, error] = std::from_chars(o_.fold.data(), end, fold);
    if (error != std::errc() || stop != end || fold >= splits_.size())
      throw Error(ExitCode::kUsage, "--fold: expected all or a number from 0 to " +
                                        std::to_string(splits_.size() - 1) + ", found " +
                                        in_quotes(o_.fold));
    return {fold};
  }

  // All ranks take what the first one measured or found.
  void share(Json& json) const {
    const std::string own = o_.ranks->is_first() ? json_text(json) : std::string();
    const std::vector<std::byte> told =
        o_.ranks->gathered_bytes(std::as_bytes(std::span(own))).front();
    json = parse_json({reinterpret_cast<const char*>(told.data()), told.size()}, config_.file);
  }

  RunConfig config(std::size_t fold) const {
    return read_run_config(fold_config(shared_.config, splits_[fold]), config_.file, "");
  }

  // All folds learn from the same files; what is checked of the first holds for the others.
  int check(const std::vector<std::size_t>& asked) const {
    for (const std::size_t fold : asked)
      std::cout << "fold " << fold << ": " << splits_[fold].train.size() << " cases train, "
                << splits_[fold].held_out.size() << " are held out\n";
    return runs_.work(config(asked.front()), folder_.run(asked.front()), o_, std::nullopt);
  }

  // A folder that was made for nothing is removed.
  int begin_or_go_on(std::size_t fold) {
    try {
      if (!o_.ranks->is_first()) return do_fold(fold);
      const RunLock lock = folder_.run(fold).lock();  // another process may be training it
      return do_fold(fold);
    } catch (const Error&) {
      if (o_.ranks->is_first()) folder_.remove_if_not_begun();
      throw;
    }
  }

  int do_fold(std::size_t fold) {
    const RunFolder run = folder_.run(fold);
    const auto state = static_cast<State>(agreed([&] { return static_cast<int>(state_of(run)); }));
    if (state != State::kTrained)
      if (const int code = train(fold, state); code != 0) return code;
    return agreed([&] { return predict(fold); });
  }

  State state_of(const RunFolder& run) const {
    if (o_.overwrite || !fs::exists(run.last_checkpoint())) return State::kNew;
    return is_trained(run, config_.train) ? State::kTrained : State::kBegun;
  }

  // The first rank decides for all.
  template <class Call>
  int agreed(const Call& call) const {
    const double own = o_.ranks->is_first() ? call() : 0;
    return static_cast<int>(o_.ranks->gathered({&own, 1}).front());
  }

  int train(std::size_t fold, State state) const {
    const RunFolder run = folder_.run(fold);
    RunConfig config = this->config(fold);
    if (state == State::kNew && o_.ranks->is_first()) runs_.check_new_folder(run, o_, config);
    std::optional<CheckpointFile> checkpoint;
    if (state == State::kBegun) {
      checkpoint.emplace(run.last_checkpoint());
      Json saved = checkpoint->config(), wanted = config.json;
      wanted["train"].erase("weights");  // used when the run began
      config = resumed_config(std::move(saved), wanted, config_.file);
    }
    if (o_.ranks->is_first()) {
      folder_.write(splits_, shared_.config, shared_.normalize);
      folder_.remove_predictions(fold);
      std::cout << "fold " << fold << " of " << splits_.size() << std::endl;
    }
    return runs_.work(std::move(config), run, o_, checkpoint);
  }

  int predict(std::size_t fold) {
    const TrainedFold trained{folder_,   fold, splits_[fold], cases_, *config_.train.folds,
                              o_.threads};
    if (is_predicted(trained)) return 0;
    catch_stop_signals();
    const auto go_on = [](std::int64_t, std::int64_t) { return stop_signal() == 0; };
    const auto tell = [this](const std::string& line) {
      if (told_.insert(line).second) std::cerr << message_line(line) << std::endl;
    };
    if (!predict_held_out(trained, go_on, tell)) return 128 + stop_signal();
    std::cout << "fold " << fold << ": " << splits_[fold].held_out.size()
              << " cases that it holds out predicted in " << folder_.predictions(fold).string()
              << std::endl;
    return 0;
  }

  int summarize() const {
    catch_stop_signals();
    const auto summary =
        write_fold_summary({folder_, splits_, cases_, config_, std::max(o_.threads, 1)},
                           [] { return stop_signal() == 0; });
    if (!summary && stop_signal() != 0) return 128 + stop_signal();
    if (summary)
      std::cout << fold_summary_text(*summary) << "\nsummary " << folder_.summary().string()
                << std::endl;
    else
      std::cout << "the last fold to be trained writes " << folder_.summary().string() << std::endl;
    return 0;
  }

  const TrainOptions& o_;
  const RunWork& runs_;
  const RunConfig config_;
  const FoldCases cases_;
  const FoldSplits splits_;
  const FoldFolder folder_;
  SharedConfig shared_;
  std::set<std::string> told_;  // notes, which come with each case
};

void check_options(const TrainOptions& o) {
  const auto refuse = [](const std::string& text) { throw Error(ExitCode::kUsage, text); };
  if (o.config.empty() && o.resume.empty())
    refuse("--fold: expected --config FILE or --resume DIR beside it, found neither");
  if (o.until_epoch != std::numeric_limits<std::int64_t>::max())
    refuse("--until-epoch: expected none with folds, which are trained to their end");
  if (o.resume.empty()) return;
  if (!FoldFolder(o.resume).holds_folds())
    refuse("--resume " + o.resume +
           ": expected a folder of folds beside --fold, found none; a fold is a run of its own");
  std::error_code ignored;  // a missing folder is equivalent to no other
  if (!o.output.empty() && !fs::equivalent(o.resume, o.output, ignored))
    refuse("--output " + o.output + ": expected the folder of --resume, " + in_quotes(o.resume) +
           ", or none");
}

}  // namespace

bool asks_for_folds(const TrainOptions& o) {
  return !o.fold.empty() || (!o.resume.empty() && FoldFolder(o.resume).holds_folds());
}

int train_folds(const TrainOptions& o, const RunWork& runs) {
  check_options(o);
  RunConfig config = config_of(o);
  FoldFolder folder = folder_of(o, config.name);
  TrainOptions options = o;
  options.imported = RunFolder(folder.path()).imported();  // for all folds
  if (const TrainScans scans = import_scans(config, options.imported, o); scans.exit_code != 0)
    return scans.exit_code;
  return FoldTraining(options, runs, std::move(config), std::move(folder)).run();
}

}  // namespace lucid
