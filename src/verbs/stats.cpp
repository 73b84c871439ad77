#include "base/json.hpp"
#include "terminal/table.hpp"
#include "terminal/terminal.hpp"
#include "verbs/container_usage.hpp"
#include "verbs/project_state.hpp"
#include "verbs/request.hpp"
#include "verbs/row_format.hpp"
#include "verbs/verbs.hpp"

#include <fmt/format.h>

#include <poll.h>
#include <unistd.h>

namespace cli {

namespace {

constexpr std::size_t short_id = 12;
constexpr int interrupted = 130;
// Between two samples of the processor time that a percentage is made of.
constexpr std::chrono::milliseconds interval(1000);

struct StatsOptions {
    std::string service;
    std::string format = "table";
    bool all = false;
    bool no_stream = false;
    bool no_trunc = false;
};

struct Row {
    std::string id, name, cpu, memory, memory_share, network, block, pids;
};

Row row_of(const supervisor::ContainerInfo &info, const std::optional<Usage> &before,
           const std::optional<Usage> &now, bool whole_id) {
    Row row{.id = whole_id ? info.spec.id : info.spec.id.substr(0, short_id),
            .name = info.spec.name,
            .cpu = "--",
            .memory = "-- / --",
            .memory_share = "--",
            .network = "--",
            .block = "--",
            .pids = "--"};
    if (!now)
        return row;
    row.cpu = fmt::format("{:.2f}%", before ? cpu_percent(*before, *now) : 0.0);
    row.memory = binary_size(now->memory) + " / " + binary_size(now->memory_limit);
    row.memory_share =
        fmt::format("{:.2f}%", now->memory_limit == 0 ? 0.0
                                                      : 100.0 * static_cast<double>(now->memory)
                                                            / static_cast<double>(now->memory_limit));
    row.network = base::format_size({now->received}) + " / " + base::format_size({now->sent});
    row.block = base::format_size({now->block_read}) + " / " + base::format_size({now->block_written});
    row.pids = std::to_string(now->pids);
    return row;
}

base::Json json_of(const Row &row) {
    return {{"BlockIO", row.block}, {"CPUPerc", row.cpu},          {"Container", row.id},
            {"ID", row.id},         {"MemPerc", row.memory_share}, {"MemUsage", row.memory},
            {"Name", row.name},     {"NetIO", row.network},        {"PIDs", row.pids}};
}

const RowFormat::Titles titles{
    {"BlockIO", "BLOCK I/O"}, {"CPUPerc", "CPU %"}, {"Container", "CONTAINER"},
    {"ID", "CONTAINER ID"},   {"MemPerc", "MEM %"}, {"MemUsage", "MEM USAGE / LIMIT"},
    {"Name", "NAME"},         {"NetIO", "NET I/O"}, {"PIDs", "PIDS"}};

std::string text_of(const std::vector<Row> &rows, const RowFormat &format) {
    std::string lines;
    std::vector<base::Json> fields;
    Table table(
        {"CONTAINER ID", "NAME", "CPU %", "MEM USAGE / LIMIT", "MEM %", "NET I/O", "BLOCK I/O", "PIDS"});
    for (const Row &row : rows) {
        fields.push_back(json_of(row));
        lines += base::dump_json(fields.back()) + "\n";
        table.add(
            {row.id, row.name, row.cpu, row.memory, row.memory_share, row.network, row.block, row.pids});
    }
    return format.is_template() ? format.text(fields) : format.is_json() ? lines : table.text();
}

// The containers as they are now, with samples by id.
class Watch {
  public:
    Watch(const Context &context, const StatsOptions &options)
        : context_(context), options_(options), named_(context.load_or_name()) {
        const std::vector<std::string> services = selected();
        require_known(named_, supervisor::read_containers(context.paths(), named_.project), services);
        take();
    }

    std::vector<Row> take() {
        std::vector<Row> rows;
        std::map<std::string, Usage> samples;
        const auto all = supervisor::read_containers(context_.paths(), named_.project);
        for (const auto &info : containers_of(all, selected(), true)) {
            if (info.state.pid == 0 && !options_.all)
                continue;
            const auto now = info.state.pid == 0 ? std::nullopt : read_usage(info);
            const auto before = samples_.find(info.spec.id);
            rows.push_back(row_of(info,
                                  before == samples_.end() ? std::nullopt : std::optional(before->second),
                                  now, options_.no_trunc));
            if (now)
                samples[info.spec.id] = *now;
        }
        samples_ = std::move(samples);
        return rows;
    }

  private:
    [[nodiscard]] std::vector<std::string> selected() const {
        return options_.service.empty() ? std::vector<std::string>() : std::vector{options_.service};
    }

    const Context &context_;
    const StatsOptions &options_;
    Context::Named named_;
    std::map<std::string, Usage> samples_;
};

int run_stats(const Context &context, const StatsOptions &options) {
    const RowFormat format(options.format, titles);
    Watch watch(context, options);
    const InterruptGuard guard;
    const bool redraw = format.has_heading() && !options.no_stream && is_terminal(STDOUT_FILENO);
    for (;;) {
        pollfd fd{InterruptGuard::fd(), POLLIN, 0};
        (void)::poll(&fd, 1, static_cast<int>(interval.count()));
        if (InterruptGuard::count() > 0)
            return options.no_stream ? interrupted : 0;
        print(STDOUT_FILENO, (redraw ? "\x1b[H\x1b[2J" : "") + text_of(watch.take(), format));
        if (options.no_stream)
            return 0;
    }
}

} // namespace

void add_stats(Command &root, Context &context) {
    auto options = std::make_shared<StatsOptions>();
    root.subcommand("stats", "Show what containers use of processor, memory, network and disk")
        .flag("-a,--all", options->all, "Also containers that do not run")
        .option("--format", options->format, row_format_help, "FORMAT")
        .flag("--no-stream", options->no_stream, "Once, not again and again")
        .flag("--no-trunc", options->no_trunc, "Whole ids")
        .positional("SERVICE", options->service, "The service; all when none is named", false)
        .action([&context, options] { return run_stats(context, *options); });
}

} // namespace cli
