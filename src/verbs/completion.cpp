#include "base/error.hpp"
#include "terminal/terminal.hpp"
#include "verbs/verbs.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace cli {

namespace {

std::string joined(const std::vector<std::string> &words) {
    std::string text;
    for (const std::string &word : words)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

std::vector<std::string> names(const std::vector<CommandInfo> &commands) {
    std::vector<std::string> result;
    for (const CommandInfo &command : commands)
        result.push_back(command.name);
    return result;
}

// What may follow a verb instead of services.
std::vector<std::string> choices_of(const CommandInfo &command) {
    return command.name == "completion" ? std::vector<std::string>{"bash", "zsh", "fish"}
                                        : names(command.subcommands);
}

// Service names come from `compose config --services` at the time of the key press.
std::string bash_script(const CommandInfo &root) {
    std::string cases;
    for (const CommandInfo &command : root.subcommands)
        cases += fmt::format("        {}) options=\"{}\"; nested=\"{}\" ;;\n", command.name,
                             joined(command.options), joined(choices_of(command)));
    return fmt::format(R"sh(# bash completion for compose; load it with: source <(compose completion bash)
_compose() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} verb= options= nested= i
    local -a global=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${{COMP_WORDS[i]}} in
            -f|--file|-p|--project-name|--profile|--env-file|--project-directory|--progress|--ansi|--parallel)
                global+=("${{COMP_WORDS[i]}}" "${{COMP_WORDS[i+1]}}"); ((i++)) ;;
            -*) ;;
            *) verb=${{COMP_WORDS[i]}}; break ;;
        esac
    done
    if [[ -z $verb ]]; then
        COMPREPLY=($(compgen -W "{} {}" -- "$current"))
        return
    fi
    case $verb in
{}    esac
    if [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$current"))
    elif [[ -n $nested ]]; then
        COMPREPLY=($(compgen -W "$nested" -- "$current"))
    else
        COMPREPLY=($(compgen -W "$(compose "${{global[@]}}" config --services --no-env-resolution 2>/dev/null)" -- "$current"))
    fi
}}
complete -o default -F _compose compose
)sh",
                       joined(names(root.subcommands)), joined(root.options), cases);
}

std::string fish_script(const CommandInfo &root) {
    std::string text = "# fish completion for compose; load it with: compose completion fish | source\n"
                       "complete -c compose -f\n";
    for (const CommandInfo &command : root.subcommands) {
        text += fmt::format("complete -c compose -n __fish_use_subcommand -a {} -d '{}'\n", command.name,
                            command.help);
        text += fmt::format(
            "complete -c compose -n '__fish_seen_subcommand_from {}' -a '(compose config --services "
            "--no-env-resolution 2>/dev/null)'\n",
            command.name);
        for (const std::string &option : command.options)
            text += fmt::format("complete -c compose -n '__fish_seen_subcommand_from {}' {} {}\n",
                                command.name, option.starts_with("--") ? "-l" : "-s",
                                option.substr(option.starts_with("--") ? 2 : 1));
    }
    return text;
}

std::string zsh_script(const CommandInfo &root) {
    return "# zsh completion for compose; load it with: source <(compose completion zsh)\n"
           "autoload -Uz bashcompinit && bashcompinit\n"
           + bash_script(root);
}

} // namespace

void add_completion(CommandLine &line, Command &root) {
    auto shell = std::make_shared<std::string>();
    root.subcommand("completion", "Print the completion script of a shell")
        .positional("SHELL", *shell, "bash, zsh or fish")
        .action([shell, &line] {
            const CommandInfo info = line.describe();
            if (*shell == "bash")
                print(STDOUT_FILENO, bash_script(info));
            else if (*shell == "zsh")
                print(STDOUT_FILENO, zsh_script(info));
            else if (*shell == "fish")
                print(STDOUT_FILENO, fish_script(info));
            else
                throw base::Error("no completion for shell \"" + *shell + "\"", "use bash, zsh or fish");
            return 0;
        });
}

} // namespace cli
