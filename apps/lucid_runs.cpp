#include "program.h"
#include "run_commands/command.h"

int main(int argc, char** argv) {
  CLI::App app(
      "Makes series of runs of lucid-train; lists, shows, compares, watches and cleans up runs",
      "lucid-runs");
  app.set_version_flag("--version", "lucid-runs " LUCID_VERSION);
  app.require_subcommand(1);
  std::unique_ptr<lucid::Subcommand> commands[] = {
      lucid::list_command(app),   lucid::show_command(app),  lucid::compare_command(app),
      lucid::report_command(app), lucid::sweep_command(app), lucid::watch_command(app),
      lucid::clean_command(app)};
  return lucid::run_program(app, argc, argv, [&] {
    for (const auto& command : commands)
      if (command->is_chosen()) return command->run();
    return 0;
  });
}
