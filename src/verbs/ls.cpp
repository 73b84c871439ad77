#include "base/error.hpp"
#include "base/json.hpp"
#include "compose/plan/labels.hpp"
#include "terminal/table.hpp"
#include "terminal/terminal.hpp"
#include "verbs/project_state.hpp"
#include "verbs/row_format.hpp"
#include "verbs/verbs.hpp"

#include <fmt/format.h>

#include <regex>
#include <unistd.h>

namespace cli {

namespace {

struct LsOptions {
    bool all = false;
    bool quiet = false;
    std::string filter;
    std::string format = "table";
};

struct ProjectRow {
    std::string name, status, files;
    bool running = false;
};

ProjectRow row_of(const std::string &name, const std::vector<supervisor::ContainerInfo> &containers) {
    ProjectRow row{.name = name};
    std::map<std::string, int> counts;
    std::set<std::string> files;
    for (const auto &info : containers) {
        ++counts[plan::to_string(info.state.status)];
        row.running = row.running || plan::is_active(info.state.status);
        if (const auto found = info.spec.labels.find(plan::label_config_files);
            found != info.spec.labels.end())
            files.insert(found->second);
    }
    for (const auto &[status, count] : counts)
        row.status += fmt::format("{}{}({})", row.status.empty() ? "" : ", ", status, count);
    for (const std::string &file : files)
        row.files += (row.files.empty() ? "" : ",") + file;
    return row;
}

bool matches(const std::string &name, const std::string &filter) {
    constexpr std::string_view key = "name=";
    if (filter.empty())
        return true;
    if (!filter.starts_with(key))
        throw base::Error(fmt::format("unknown filter \"{}\"", filter), "use name=NAME or name=REGEX");
    const std::string wanted = filter.substr(key.size());
    try {
        return name == wanted || std::regex_search(name, std::regex(wanted));
    } catch (const std::regex_error &) {
        throw base::Error(fmt::format("\"{}\" is not a regular expression", wanted));
    }
}

int run_ls(const Context &context, const LsOptions &options) {
    const RowFormat format(options.format,
                           {{"Name", "NAME"}, {"Status", "STATUS"}, {"ConfigFiles", "CONFIG FILES"}});
    Table table({"NAME", "STATUS", "CONFIG FILES"});
    base::Json array = base::Json::array();
    std::string names;
    for (const std::string &name : supervisor::read_projects(context.paths())) {
        const ProjectRow row = row_of(name, supervisor::read_containers(context.paths(), name));
        if ((!row.running && !options.all) || !matches(name, options.filter))
            continue;
        names += name + "\n";
        table.add({row.name, row.status, row.files});
        array.push_back({{"Name", row.name}, {"Status", row.status}, {"ConfigFiles", row.files}});
    }
    print(STDOUT_FILENO, options.quiet          ? names
                         : format.is_template() ? format.text({array.begin(), array.end()})
                         : format.is_json()     ? base::dump_json(array) + "\n"
                                                : table.text());
    return 0;
}

} // namespace

void add_ls(Command &root, Context &context) {
    auto options = std::make_shared<LsOptions>();
    root.subcommand("ls", "List projects")
        .flag("-a,--all", options->all, "Those of which nothing runs, too")
        .flag("-q,--quiet", options->quiet, "Only names")
        .option("--filter", options->filter, "name=NAME or name=REGEX", "FILTER")
        .option("--format", options->format, row_format_help, "FORMAT")
        .action([&context, options] { return run_ls(context, *options); });
}

} // namespace cli
