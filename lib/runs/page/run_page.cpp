#include "runs/page/run_page.h"

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "runs/page/assets.h"
#include "runs/page/frame.h"
#include "runs/page/pictures.h"
#include "train/report/run_folder.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// A run that is resumed again and again, or warns in each epoch, does not fill the page with that.
constexpr std::size_t kMostRemarks = 200;

Json read_profile(const fs::path& file) {
  const auto text = read_file_if_any(file, "a profile", ExitCode::kData);
  Json profile = text ? Json::parse(*text, nullptr, false) : Json();
  return profile.is_object() ? profile : Json();
}

}  // namespace

RunPage::RunPage(const fs::path& folder)
    : run_(read_run_config(folder)),
      history_(RunFolder(folder).metrics()),
      log_(RunFolder(folder).log()) {
  read_more();
}

void RunPage::read_more() {
  history_.read_more();
  for (std::string& line : log_.read())
    if (!line.starts_with("epoch ") && remarks_.size() < kMostRemarks)
      remarks_.push_back(std::move(line));
}

void RunPage::write(bool is_running, const fs::path& file) const {
  write_file_atomically(file, html_page(run_.name(), page_assets::kRunScript, data(is_running)));
}

Json RunPage::data(bool is_running) const {
  const Json& end = history_.end();
  Json data = {{"lucid", LUCID_VERSION},
               {"folder", fs::absolute(run_.folder).lexically_normal().string()},
               {"name", run_.name()},
               {"state", is_running      ? Json("running")
                         : end.is_null() ? Json("stopped")
                                         : end.at("status")},
               {"message", is_running || end.is_null() ? Json("") : end.value("message", Json(""))},
               {"monitor", run_.monitor()},
               {"higher_is_better", run_.higher_is_better()},
               {"planned_epochs", run_.planned_epochs()},
               {"epochs", history_.epochs()},
               {"steps", history_.steps()},
               {"tables", history_.tables()},
               {"config", run_.config},
               {"log", remarks_},
               {"profile", read_profile(RunFolder(run_.folder).profile())}};
  data.update(run_pictures(run_.folder));
  return data;
}

}  // namespace lucid
