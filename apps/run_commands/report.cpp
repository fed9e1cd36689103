#include <iostream>

#include "base/file.h"
#include "base/folder_lock.h"
#include "program.h"
#include "run_commands/command.h"
#include "runs/page/run_page.h"
#include "runs/page/runs_page.h"
#include "train/report/run_folder.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

class ReportCommand : public Subcommand {
 public:
  explicit ReportCommand(CLI::App& app)
      : Subcommand(app, "report", "Writes a page about a run, or one that compares many") {
    options_.add_option("folder", folders_, "Runs, or folders that hold runs")
        ->required()
        ->type_name("DIR...");
    options_.add_option("--output", output_, "The page; default: report.html in the one folder")
        ->type_name("FILE.html");
  }

  int run() override {
    if (output_.empty() && folders_.size() > 1)
      throw Error(ExitCode::kUsage, "--output: expected a file for the page about " +
                                        std::to_string(folders_.size()) + " folders, found none");
    const bool is_single = folders_.size() == 1 && is_run(folders_.front());
    const std::vector<Run> runs = is_single ? std::vector<Run>() : runs_of(folders_);
    const fs::path page =
        output_.empty() ? RunFolder(folders_.front()).report() : fs::path(output_);
    check_replaceable(page);
    if (is_single)
      RunPage(folders_.front()).write(FolderLock::is_held(folders_.front()), page);
    else
      write_runs_page(runs, page);
    std::cout << page.string() << '\n';
    return 0;
  }

 private:
  // A page is written again and again; whatever else is there was made by others.
  static void check_replaceable(const fs::path& page) {
    constexpr std::size_t kHead = 1024;
    if (kind_of(page) == FileKind::kMissing) return;
    std::string head(kHead, '\0');
    head.resize(
        InputFile(page, "a page", ExitCode::kUsage).read(std::as_writable_bytes(std::span(head))));
    if (head.find(R"(<meta name="generator" content="lucid">)") == std::string::npos)
      throw Error(ExitCode::kUsage,
                  page.string() + ": exists, and is no page of lucid; choose another --output");
  }

  std::vector<std::string> folders_;
  std::string output_;
};

}  // namespace

std::unique_ptr<Subcommand> report_command(CLI::App& app) {
  return std::make_unique<ReportCommand>(app);
}

}  // namespace lucid
