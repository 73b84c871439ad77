#include "base/error.hpp"
#include "terminal/terminal.hpp"
#include "verbs/attached_container.hpp"
#include "verbs/project_state.hpp"
#include "verbs/verbs.hpp"

#include <fmt/format.h>

#include <cctype>
#include <unistd.h>

namespace cli {

namespace {

constexpr int interrupted = 130;

struct AttachOptions {
    std::string service;
    std::optional<int> index;
    std::string detach_keys = "ctrl-p,ctrl-q";
    bool no_stdin = false;
    bool sig_proxy = true;
};

// "ctrl-p,ctrl-q,x": what a terminal sends for these keys.
std::string parse_keys(const std::string &text) {
    std::string keys;
    for (std::size_t start = 0; start <= text.size() && !text.empty();) {
        const std::size_t end = std::min(text.find(',', start), text.size());
        const std::string key = text.substr(start, end - start);
        start = end + 1;
        constexpr std::string_view control = "ctrl-";
        constexpr std::string_view special = "@[\\]^_";
        constexpr char to_control = 0x1f;
        const bool is_control = key.size() == control.size() + 1 && key.starts_with(control)
                                && (std::islower(static_cast<unsigned char>(key.back())) != 0
                                    || special.find(key.back()) != std::string_view::npos);
        if (key.size() != 1 && !is_control)
            throw base::Error(fmt::format("unknown key \"{}\" in --detach-keys", key),
                              "write them as ctrl-p,ctrl-q or as single characters");
        keys += is_control ? static_cast<char>(key.back() & to_control) : key.front();
    }
    return keys;
}

int run_attach(const Context &context, const AttachOptions &options) {
    const std::string keys = parse_keys(options.detach_keys);
    const Context::Named named = context.load_or_name({options.service});
    require_known(named, supervisor::read_containers(context.paths(), named.project), {options.service});
    const auto info = running_container(context.paths(), named.project, options.service, options.index);
    const container::Process &process = info.spec.process;
    const bool tty = process.tty && is_terminal(STDIN_FILENO) && !options.no_stdin;
    AttachedContainer attached(context, named.project, info.spec.id,
                               {.tty = tty,
                                .forward_signals = options.sig_proxy,
                                .detach_sequence = tty ? keys : "",
                                .from_now = true});
    if (!options.no_stdin && (process.stdin_open || process.tty))
        attached.take_input(false);
    const auto code = attached.relay();
    if (code)
        return *code;
    return options.sig_proxy ? 0 : interrupted;
}

} // namespace

void add_attach(Command &root, Context &context) {
    auto options = std::make_shared<AttachOptions>();
    root.subcommand("attach", "Connect to the input and output of a running container")
        .option("--detach-keys", options->detach_keys, "Keys that leave it running", "KEYS")
        .option("--index", options->index, "Number of the replica")
        .flag("--no-stdin", options->no_stdin, "Only show its output")
        .flag("--sig-proxy", options->sig_proxy, "Pass signals on (so by default); =false leaves it running")
        .positional("SERVICE", options->service, "The service")
        .action([&context, options] { return run_attach(context, *options); });
}

} // namespace cli
