// system df: what is on the disk.
#include "base/error.hpp"
#include "base/json.hpp"
#include "supervisor/status_text.hpp"
#include "terminal/table.hpp"
#include "terminal/terminal.hpp"
#include "verbs/disk_report.hpp"
#include "verbs/image_verbs.hpp"
#include "verbs/row_format.hpp"
#include "verbs/system_verbs.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace cli {

namespace {

constexpr std::size_t short_id = 12;

struct DfOptions {
    std::string format = "table";
    bool verbose = false;
};

std::string reclaimable_text(const DiskRow &row) {
    const std::string bytes = base::format_size(row.reclaimable);
    if (row.size.value == 0)
        return bytes;
    return fmt::format("{} ({}%)", bytes, row.reclaimable.value * 100 / row.size.value);
}

std::string summary_table(const DiskReport &report) {
    Table table({"TYPE", "TOTAL", "ACTIVE", "SIZE", "RECLAIMABLE"});
    for (const DiskRow &row : report.rows())
        table.add({row.type, std::to_string(row.total), std::to_string(row.active),
                   base::format_size(row.size), reclaimable_text(row)});
    return table.text();
}

std::string summary_json(const DiskReport &report) {
    std::string text;
    for (const DiskRow &row : report.rows())
        text += base::dump_json({{"Type", row.type},
                                 {"TotalCount", row.total},
                                 {"Active", row.active},
                                 {"Size", row.size.value},
                                 {"Reclaimable", row.reclaimable.value}})
                + "\n";
    return text;
}

const RowFormat::Titles summary_titles{{"Type", "TYPE"},
                                       {"TotalCount", "TOTAL"},
                                       {"Active", "ACTIVE"},
                                       {"Size", "SIZE"},
                                       {"Reclaimable", "RECLAIMABLE"}};

// Docker's: texts, all of them.
std::vector<base::Json> summary_fields(const DiskReport &report) {
    std::vector<base::Json> rows;
    for (const DiskRow &row : report.rows())
        rows.push_back({{"Type", row.type},
                        {"TotalCount", std::to_string(row.total)},
                        {"Active", std::to_string(row.active)},
                        {"Size", base::format_size(row.size)},
                        {"Reclaimable", reclaimable_text(row)}});
    return rows;
}

std::size_t containers_of_image(const DiskReport &report, const std::string &id) {
    std::size_t count = 0;
    for (const ContainerUsage &usage : report.containers)
        count += usage.info.spec.image_id == id ? 1 : 0;
    return count;
}

std::string first_name(const image::Image &image) {
    return image.names.empty() ? "<none>" : image.names.front();
}

std::string details_table(const DiskReport &report) {
    Table images(
        {"REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE", "SHARED SIZE", "UNIQUE SIZE", "CONTAINERS"});
    for (const image::ImageUsage &usage : report.store.images) {
        const auto [repository, tag] = repository_and_tag(first_name(usage.image));
        images.add({repository, tag, short_image_id(usage.image.id), age_of(usage.image.config.created),
                    base::format_size(usage.size), base::format_size(usage.shared),
                    base::format_size({usage.size.value - usage.shared.value}),
                    std::to_string(containers_of_image(report, usage.image.id))});
    }
    Table containers({"CONTAINER ID", "IMAGE", "SIZE", "CREATED", "STATUS", "NAMES"});
    const base::Timestamp now = base::now();
    for (const ContainerUsage &usage : report.containers)
        containers.add({usage.info.spec.id.substr(0, short_id), usage.info.spec.image_name,
                        base::format_size(usage.size), age_of(usage.info.spec.created),
                        supervisor::status_text(usage.info.state, now), usage.info.spec.name});
    Table volumes({"VOLUME NAME", "LINKS", "SIZE"});
    for (const VolumeUsage &usage : report.volumes)
        volumes.add({usage.volume.name, std::to_string(usage.containers), base::format_size(usage.size)});
    return "Images space usage:\n\n" + images.text() + "\nContainers space usage:\n\n" + containers.text()
           + "\nLocal Volumes space usage:\n\n" + volumes.text()
           + fmt::format("\nBuild cache usage: {} in {} steps\n", base::format_size(report.store.cache_size),
                         report.store.cached_steps);
}

std::string details_json(const DiskReport &report) {
    base::Json images = base::Json::array();
    for (const image::ImageUsage &usage : report.store.images)
        images.push_back({{"ID", usage.image.id},
                          {"Names", usage.image.names},
                          {"Size", usage.size.value},
                          {"SharedSize", usage.shared.value},
                          {"UniqueSize", usage.size.value - usage.shared.value},
                          {"Containers", containers_of_image(report, usage.image.id)}});
    base::Json containers = base::Json::array();
    for (const ContainerUsage &usage : report.containers)
        containers.push_back({{"ID", usage.info.spec.id},
                              {"Name", usage.info.spec.name},
                              {"Image", usage.info.spec.image_name},
                              {"State", plan::to_string(usage.info.state.status)},
                              {"Size", usage.size.value}});
    base::Json volumes = base::Json::array();
    for (const VolumeUsage &usage : report.volumes)
        volumes.push_back(
            {{"Name", usage.volume.name}, {"Links", usage.containers}, {"Size", usage.size.value}});
    return base::dump_json(
               {{"Images", images},
                {"Containers", containers},
                {"Volumes", volumes},
                {"BuildCache",
                 {{"Steps", report.store.cached_steps}, {"Size", report.store.cache_size.value}}}})
           + "\n";
}

int run_df(const Context &context, const DfOptions &options) {
    const RowFormat format(options.format, summary_titles);
    if (options.verbose && format.is_template())
        throw base::Error("--verbose has no template", "use --format json, or leave one of both out");
    const DiskReport report = make_disk_report(context.paths());
    const bool json = format.is_json();
    if (format.is_template()) {
        print(STDOUT_FILENO, format.text(summary_fields(report)));
        return 0;
    }
    print(STDOUT_FILENO, options.verbose ? (json ? details_json(report) : details_table(report))
                                         : (json ? summary_json(report) : summary_table(report)));
    return 0;
}

} // namespace

void add_system_df(Command &system, Context &context) {
    auto options = std::make_shared<DfOptions>();
    system.subcommand("df", "Show what images, containers, volumes and the build cache take on the disk")
        .flag("-v,--verbose", options->verbose, "Each image, container and volume")
        .option("--format", options->format, row_format_help, "FORMAT")
        .action([&context, options] { return run_df(context, *options); });
}

} // namespace cli
