// The command line as data. Wraps CLI11 in one translation unit, for its header costs nine seconds each.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace cli {

// One command (the program itself or a verb). Variables bound here must outlive the parse.
class Command {
  public:
    explicit Command(CLI::App &app) : app_(&app) {}

    // names as CLI11 has them: "-d,--detach".
    Command &flag(const std::string &names, bool &value, const std::string &help);
    Command &option(const std::string &names, std::string &value, const std::string &help,
                    const std::string &placeholder = "TEXT");
    Command &option(const std::string &names, std::optional<std::string> &value, const std::string &help,
                    const std::string &placeholder = "TEXT");
    Command &option(const std::string &names, std::optional<int> &value, const std::string &help,
                    const std::string &placeholder = "N");
    // May be given several times.
    Command &list(const std::string &names, std::vector<std::string> &values, const std::string &help,
                  const std::string &placeholder = "TEXT");
    Command &positional(const std::string &name, std::string &value, const std::string &help,
                        bool required = true);
    Command &positionals(const std::string &name, std::vector<std::string> &values, const std::string &help,
                         bool required = false);
    // Everything after the first positional belongs to the command that is run (exec, run).
    Command &stop_at_first_positional();
    Command &excludes(const std::string &option, const std::string &other);
    // Understood, not shown in the help.
    Command &hide(const std::string &option);
    Command &footer(const std::string &text);

    // The same flag for each subcommand there is by now.
    void flag_of_subcommands(const std::string &names, bool &value, const std::string &help);
    Command subcommand(const std::string &name, const std::string &help);
    Command &alias(const std::string &name);
    // What runs when this command was chosen; returns the exit status.
    Command &action(std::function<int()> run);

  private:
    CLI::App *app_;
};

struct ParseOutcome {
    std::optional<int> exit; // set: print nothing more and end with it (--help, a usage error)
    std::function<int()> action;
};

// A command with its options, for completion scripts.
struct CommandInfo {
    std::string name;
    std::string help;
    std::vector<std::string> options; // "--detach", "-d"
    std::vector<CommandInfo> subcommands;
};

class CommandLine {
  public:
    CommandLine(const std::string &name, const std::string &description);
    ~CommandLine();

    Command root();
    // Prints help to stdout and usage errors to stderr.
    ParseOutcome parse(int argc, char **argv);
    // The verb's action; without one, or with anything to be told, nothing, and nothing is printed.
    std::function<int()> try_parse(int argc, char **argv);
    // The subcommand of the root that was given, "" without one.
    [[nodiscard]] std::string verb() const;
    [[nodiscard]] CommandInfo describe() const;
    [[nodiscard]] std::string help() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace cli
