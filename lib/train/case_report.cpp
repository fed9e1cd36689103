#include "train/case_report.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "base/file.h"
#include "base/text.h"

namespace lucid {
namespace {

constexpr std::int64_t kSide = 224;  // pixels of a slice's longer side

// Pictures of a best epoch are drawn by default if so small a share of an epoch's samples has to be
// predicted for them. A sample that is trained counts as three: its backward pass takes twice as
// long as its prediction.
constexpr double kCheapShare = 0.03;
constexpr std::int64_t kTrainedSample = 3;

constexpr std::size_t kShownValues = 4;  // of a case, in its picture

// Returns the name as a file name: letters, digits, '.', '-' and '_'.
std::string file_name(const std::string& name) {
  std::string safe;
  for (const char letter : name) {
    const bool is_safe = std::isalnum(static_cast<unsigned char>(letter)) != 0 ||
                         std::string_view("._-").find(letter) != std::string_view::npos;
    safe += is_safe ? letter : '_';
  }
  return safe.substr(0, 200);
}

}  // namespace

CaseReport::CaseReport(Session& session, const Validation& validation, const RunFolder& folder,
                       Ranks& ranks)
    : session_(session), validation_(validation), folder_(folder), ranks_(ranks) {
  if (session.validation_set() == nullptr) return;
  const Dataset& set = *session.validation_set();
  slices_.emplace(
      CaseSlices::Sources{validation.cases(), validation.places(), set, *session.config().objective,
                          session.model(), session.validation_batch_size(), ranks},
      SampleReader(set, session.normalization(), LoaderOptions{}));
  const TrainConfig& train = session.config().train;
  const std::string monitored = train.monitor.substr(train.monitor.find('.') + 1);
  const std::vector<std::string>& names = validation.measured_cases().names;
  if (!train.monitor.starts_with("validation.") ||
      std::ranges::find(names, monitored) == names.end())
    return;
  ranked_by_ = monitored;
  higher_is_better_ = train.higher_is_better;
}

std::vector<PictureEvent> CaseReport::write(const EpochEvent& event) {
  if (!slices_) return {};
  std::vector<PictureEvent> pictures;
  if (event.best) pictures = write_best(event);
  if (event.epoch % session_.config().train.preview.every != 0) return pictures;
  for (PictureEvent& picture : draw(fixed_cases(event.epoch), event))
    pictures.push_back(std::move(picture));
  return pictures;
}

std::vector<PictureEvent> CaseReport::write_best(const EpochEvent& event) {
  const CaseMeasurements& measured = validation_.measured_cases();
  const std::vector<std::size_t> ranked = ranked_rows(measured, ranked_by_, higher_is_better_);
  const std::string best = folder_.best_previews().lexically_relative(folder_.path()).string();
  std::vector<Drawn> drawn;
  const auto add = [&](const char* role, std::size_t row) {
    drawn.push_back({std::string("best/") + role, best + "/" + role + ".png", row});
  };
  if (ranked.size() > 1) add("worst", ranked.front());
  if (ranked.size() > 2) add("median", ranked[ranked.size() / 2]);
  if (!ranked.empty()) add("best", ranked.back());
  std::vector<std::size_t> cases;
  for (const Drawn& each : drawn) cases.push_back(measured.cases[each.row]);
  std::vector<PictureEvent> pictures;
  CaseFacts facts{event.epoch, event.step, ranked_by_};
  if (draws_best(cases)) {
    pictures = draw(drawn, event);
    for (const Drawn& each : drawn)
      facts.pictures.push_back({each.name.substr(each.name.find('/') + 1),
                                validation_.cases().name(measured.cases[each.row]), each.file});
  } else if (ranks_.is_first()) {
    folder_.remove_best_previews();  // they are of an earlier epoch
  }
  if (!ranks_.is_first()) return {};
  write_file_atomically(folder_.cases(),
                        cases_text(cases_json(measured, validation_.cases(), facts, ranked)));
  return pictures;
}

bool CaseReport::draws_best(std::span<const std::size_t> cases) const {
  const Preview::Best best = session_.config().train.preview.best;
  if (cases.empty() || best == Preview::Best::kNever) return false;
  if (!std::ranges::all_of(cases, [&](std::size_t index) { return slices_->can_draw(index); }))
    return false;
  if (best == Preview::Best::kAlways) return true;
  const auto epoch = kTrainedSample * static_cast<std::int64_t>(session_.train_set().size()) +
                     static_cast<std::int64_t>(session_.validation_set()->size());
  return static_cast<double>(slices_->cost(cases)) <= kCheapShare * static_cast<double>(epoch);
}

// Cases at even distances, whatever was measured of them.
std::vector<CaseReport::Drawn> CaseReport::fixed_cases(std::int64_t epoch) const {
  const CaseMeasurements& measured = validation_.measured_cases();
  const std::size_t all = measured.cases.size();
  const auto count = std::min(static_cast<std::size_t>(session_.config().train.preview.cases), all);
  const std::string folder =
      folder_.previews_of(epoch).lexically_relative(folder_.path()).string() + "/";
  std::vector<Drawn> drawn;
  std::set<std::string> files;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t row = i * all / count;
    if (!slices_->can_draw(measured.cases[row])) continue;
    const std::string name = validation_.cases().name(measured.cases[row]);
    std::string file = file_name(name);
    while (!files.insert(file).second) file += "_";
    drawn.push_back({"preview/" + file, folder + file + ".png", row});
  }
  return drawn;
}

std::vector<PictureEvent> CaseReport::draw(const std::vector<Drawn>& drawn,
                                           const EpochEvent& event) {
  const CaseMeasurements& measured = validation_.measured_cases();
  std::vector<std::size_t> cases;
  for (const Drawn& each : drawn) cases.push_back(measured.cases[each.row]);
  std::vector<PanelSheet> sheets = slices_->sheets(cases);
  std::vector<PictureEvent> pictures;
  for (std::size_t i = 0; i < sheets.size(); ++i) {
    sheets[i].title = validation_.cases().name(cases[i]);
    sheets[i].lines.insert(sheets[i].lines.begin(), "epoch " + std::to_string(event.epoch) + ": " +
                                                        values_text(drawn[i].row));
    const Picture picture = draw_panels(sheets[i], kSide);
    PictureEvent drawing{event.epoch,   event.step,      drawn[i].name,
                         picture.png(), picture.width(), picture.height()};
    const std::filesystem::path file = folder_.path() / drawn[i].file;
    std::error_code ignored;  // writing into a folder that cannot be made fails, and says why
    std::filesystem::create_directories(file.parent_path(), ignored);
    write_file_atomically(file, std::span<const std::byte>(drawing.png));
    pictures.push_back(std::move(drawing));
  }
  return pictures;
}

std::string CaseReport::values_text(std::size_t row) const {
  const CaseMeasurements& measured = validation_.measured_cases();
  std::vector<std::string> words;
  for (std::size_t i = 0; i < std::min(kShownValues, measured.names.size()); ++i)
    words.push_back(measured.names[i] + " " + fixed_value_text(measured.value(row, i), 4));
  return join(words, ", ");
}

}  // namespace lucid
