#include "terminal/command_line.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace cli {

namespace {

std::function<int()> chosen;

} // namespace

Command &Command::flag(const std::string &names, bool &value, const std::string &help) {
    app_->add_flag(names, value, help);
    return *this;
}

Command &Command::option(const std::string &names, std::string &value, const std::string &help,
                         const std::string &placeholder) {
    app_->add_option(names, value, help)->type_name(placeholder)->take_last();
    return *this;
}

Command &Command::option(const std::string &names, std::optional<std::string> &value, const std::string &help,
                         const std::string &placeholder) {
    app_->add_option_function<std::string>(
            names, [&value](const std::string &text) { value = text; }, help)
        ->type_name(placeholder)
        ->take_last();
    return *this;
}

Command &Command::option(const std::string &names, std::optional<int> &value, const std::string &help,
                         const std::string &placeholder) {
    app_->add_option_function<int>(
            names, [&value](const int &number) { value = number; }, help)
        ->type_name(placeholder)
        ->take_last();
    return *this;
}

Command &Command::list(const std::string &names, std::vector<std::string> &values, const std::string &help,
                       const std::string &placeholder) {
    app_->add_option(names, values, help)
        ->type_name(placeholder)
        ->allow_extra_args(false)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    return *this;
}

Command &Command::positional(const std::string &name, std::string &value, const std::string &help,
                             bool required) {
    app_->add_option(name, value, help)->required(required)->type_name("");
    return *this;
}

Command &Command::positionals(const std::string &name, std::vector<std::string> &values,
                              const std::string &help, bool required) {
    app_->add_option(name, values, help)->required(required)->type_name("");
    return *this;
}

Command &Command::stop_at_first_positional() {
    app_->positionals_at_end();
    return *this;
}

Command &Command::excludes(const std::string &option, const std::string &other) {
    app_->get_option(option)->excludes(app_->get_option(other));
    return *this;
}

Command &Command::hide(const std::string &option) {
    app_->get_option(option)->group("");
    return *this;
}

Command &Command::footer(const std::string &text) {
    app_->footer(text);
    return *this;
}

void Command::flag_of_subcommands(const std::string &names, bool &value, const std::string &help) {
    for (CLI::App *sub : app_->get_subcommands([](const CLI::App *) { return true; }))
        sub->add_flag(names, value, help);
}

Command Command::subcommand(const std::string &name, const std::string &help) {
    CLI::App *sub = app_->add_subcommand(name, help);
    return Command(*sub);
}

Command &Command::alias(const std::string &name) {
    app_->alias(name);
    return *this;
}

Command &Command::action(std::function<int()> run) {
    app_->callback([run = std::move(run)] { chosen = run; });
    return *this;
}

struct CommandLine::Impl {
    CLI::App app;

    Impl(const std::string &name, const std::string &description) : app(description, name) {}
};

CommandLine::CommandLine(const std::string &name, const std::string &description)
    : impl_(std::make_unique<Impl>(name, description)) {
    impl_->app.require_subcommand(0, 1);
    impl_->app.fallthrough(false);
    impl_->app.get_formatter()->column_width(36);
}

CommandLine::~CommandLine() = default;

Command CommandLine::root() {
    return Command(impl_->app);
}

ParseOutcome CommandLine::parse(int argc, char **argv) {
    chosen = nullptr;
    try {
        impl_->app.parse(argc, argv);
    } catch (const CLI::CallForHelp &) {
        const CLI::App *shown = &impl_->app;
        while (!shown->get_subcommands().empty())
            shown = shown->get_subcommands().front();
        std::cout << shown->help();
        return {0, nullptr};
    } catch (const CLI::Success &) {
        return {0, nullptr};
    } catch (const CLI::ParseError &error) {
        const CLI::App *shown = &impl_->app;
        std::string path = shown->get_name();
        while (!shown->get_subcommands().empty()) {
            shown = shown->get_subcommands().front();
            path += " " + shown->get_name();
        }
        std::cerr << error.what() << "\nSee '" << path << " --help'.\n";
        return {1, nullptr};
    }
    return {std::nullopt, chosen};
}

std::function<int()> CommandLine::try_parse(int argc, char **argv) {
    chosen = nullptr;
    try {
        impl_->app.parse(argc, argv);
    } catch (const CLI::Error &) {
        return nullptr;
    }
    return chosen;
}

std::string CommandLine::verb() const {
    const auto given = impl_->app.get_subcommands();
    return given.empty() ? std::string() : given.front()->get_name();
}

namespace {

CommandInfo describe_app(const CLI::App &app) {
    CommandInfo info{app.get_name(), app.get_description(), {}, {}};
    for (const CLI::Option *option : app.get_options()) {
        if (option->get_group().empty())
            continue;
        for (const std::string &name : option->get_lnames())
            info.options.push_back("--" + name);
        for (const std::string &name : option->get_snames())
            info.options.push_back("-" + name);
    }
    for (const CLI::App *sub : app.get_subcommands([](const CLI::App *) { return true; }))
        if (!sub->get_group().empty())
            info.subcommands.push_back(describe_app(*sub));
    return info;
}

} // namespace

std::string CommandLine::help() const {
    return impl_->app.help();
}

CommandInfo CommandLine::describe() const {
    return describe_app(impl_->app);
}

} // namespace cli
