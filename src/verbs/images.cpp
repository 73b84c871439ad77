#include "base/error.hpp"
#include "base/json.hpp"
#include "engine/image/reference.hpp"
#include "engine/image/store.hpp"
#include "terminal/table.hpp"
#include "terminal/terminal.hpp"
#include "verbs/project_state.hpp"
#include "verbs/row_format.hpp"
#include "verbs/verbs.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace cli {

namespace {

struct ImagesOptions {
    std::vector<std::string> services;
    std::string format = "table";
    bool quiet = false;
};

struct Row {
    std::string container, repository, tag, platform, id, size, created;
    std::int64_t bytes = 0;
};

// The image may be gone from the store while its containers live: what the container knows is still shown.
Row row_of(const supervisor::ContainerInfo &info, const image::Store &store) {
    const image::Reference reference = image::Reference::parse(info.spec.image_name);
    Row row{.container = info.spec.name,
            .repository = reference.familiar_repository(),
            .tag = reference.tag.empty() ? "<none>" : reference.tag,
            .id = info.spec.image_id.substr(info.spec.image_id.find(':') + 1, 12)};
    if (const auto image = store.find(info.spec.image_id)) {
        row.platform = image->config.platform.text();
        row.size = base::format_size(image->size);
        row.bytes = image->size.value;
        row.created =
            image->config.created ? base::format_age(base::now() - *image->config.created) + " ago" : "N/A";
    }
    return row;
}

const RowFormat::Titles titles{{"ContainerName", "CONTAINER"}, {"Repository", "REPOSITORY"}, {"Tag", "TAG"},
                               {"Platform", "PLATFORM"},       {"ID", "IMAGE ID"},           {"Size", "SIZE"},
                               {"CreatedSince", "CREATED"}};

base::Json fields_of(const Row &row) {
    return {{"ContainerName", row.container},
            {"Repository", row.repository},
            {"Tag", row.tag},
            {"Platform", row.platform},
            {"ID", row.id},
            {"Size", row.size},
            {"CreatedSince", row.created}};
}

int run_images(const Context &context, const ImagesOptions &options) {
    const RowFormat format(options.format, titles);
    const Context::Named named = context.load_or_name();
    auto containers = supervisor::read_containers(context.paths(), named.project);
    require_known(named, containers, options.services);
    const image::Store store(context.paths());
    Table table({"CONTAINER", "REPOSITORY", "TAG", "PLATFORM", "IMAGE ID", "SIZE", "CREATED"});
    base::Json array = base::Json::array();
    std::set<std::string> ids;
    std::vector<base::Json> fields;
    for (const auto &info : containers_of(std::move(containers), options.services, true)) {
        const Row row = row_of(info, store);
        ids.insert(info.spec.image_id.substr(info.spec.image_id.find(':') + 1));
        table.add({row.container, row.repository, row.tag, row.platform, row.id, row.size, row.created});
        fields.push_back(fields_of(row));
        array.push_back({{"ID", info.spec.image_id},
                         {"ContainerName", row.container},
                         {"Repository", row.repository},
                         {"Tag", row.tag},
                         {"Platform", row.platform},
                         {"Size", row.bytes}});
    }
    std::string text;
    if (options.quiet)
        for (const std::string &id : ids)
            text += id + "\n";
    else
        text = format.is_template() ? format.text(fields)
               : format.is_json()   ? base::dump_json(array) + "\n"
                                    : table.text();
    print(STDOUT_FILENO, text);
    return 0;
}

} // namespace

void add_images(Command &root, Context &context) {
    auto options = std::make_shared<ImagesOptions>();
    root.subcommand("images", "List the images that containers were made from")
        .option("--format", options->format, row_format_help, "FORMAT")
        .flag("-q,--quiet", options->quiet, "Only ids")
        .positionals("SERVICE", options->services, "Services; all when none is named")
        .action([&context, options] { return run_images(context, *options); });
}

} // namespace cli
