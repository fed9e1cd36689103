#include "data_commands/command.h"
#include "program.h"

int main(int argc, char** argv) {
  CLI::App app("Makes and converts sets of volumes, and looks into files", "lucid-data");
  app.set_version_flag("--version", "lucid-data " LUCID_VERSION);
  app.require_subcommand(1);
  std::unique_ptr<lucid::Subcommand> commands[] = {
      lucid::make_command(app),     lucid::patches_command(app),     lucid::info_command(app),
      lucid::import_command(app),   lucid::export_command(app),      lucid::view_command(app),
      lucid::split_command(app),    lucid::rechunk_command(app),     lucid::stats_command(app),
      lucid::evaluate_command(app), lucid::postprocess_command(app),
  };
  return lucid::run_program(app, argc, argv, [&] {
    for (const auto& command : commands)
      if (command->is_chosen()) return command->run();
    return 0;
  });
}
