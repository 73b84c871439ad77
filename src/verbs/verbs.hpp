// Every verb adds itself to the command line; its options live as long as the program.
#pragma once

#include "terminal/command_line.hpp"
#include "verbs/context.hpp"

namespace cli {

void add_attach(Command &root, Context &context);
void add_build(Command &root, Context &context);
void add_commit(Command &root, Context &context);
void add_completion(CommandLine &line, Command &root);
void add_config(Command &root, Context &context);
void add_cp(Command &root, Context &context);
void add_create(Command &root, Context &context);
void add_down(Command &root, Context &context);
void add_events(Command &root, Context &context);
void add_exec(Command &root, Context &context);
void add_export(Command &root, Context &context);
void add_image(Command &root, Context &context);
void add_images(Command &root, Context &context);
void add_kill(Command &root, Context &context);
void add_logs(Command &root, Context &context);
void add_ls(Command &root, Context &context);
void add_pause(Command &root, Context &context);
void add_port(Command &root, Context &context);
void add_ps(Command &root, Context &context);
void add_pull(Command &root, Context &context);
void add_push(Command &root, Context &context);
void add_restart(Command &root, Context &context);
void add_rm(Command &root, Context &context);
void add_run(Command &root, Context &context);
void add_scale(Command &root, Context &context);
void add_start(Command &root, Context &context);
void add_stats(Command &root, Context &context);
void add_stop(Command &root, Context &context);
void add_system(Command &root, Context &context);
void add_top(Command &root, Context &context);
void add_up(Command &root, Context &context);
void add_version(Command &root, Context &context);
void add_wait(Command &root, Context &context);

} // namespace cli
