// image ls: what is in the store.
#include "base/json.hpp"
#include "terminal/table.hpp"
#include "terminal/terminal.hpp"
#include "verbs/image_filter.hpp"
#include "verbs/image_verbs.hpp"
#include "verbs/row_format.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace cli {

namespace {

constexpr const char *none = "<none>";
constexpr const char *unknown = "N/A";

struct ListOptions {
    std::string reference;
    std::vector<std::string> filters;
    std::string format = "table";
    bool all = false;
    bool digests = false;
    bool no_trunc = false;
    bool quiet = false;
};

// An image by one of its names.
struct Row {
    image::Image image;
    std::string repository, tag, digest, id;
};

// Where this repository has it from.
std::string digest_of(const image::Image &image, const std::string &repository) {
    for (const std::string &source : image.digests)
        if (const std::size_t at = source.find('@'); source.substr(0, at) == repository)
            return source.substr(at + 1);
    return none;
}

std::vector<Row> rows_of(const image::Image &image, const ImageFilter &filter, bool whole_id) {
    const std::string id = whole_id ? image.id : short_image_id(image.id);
    if (image.names.empty())
        return {{image, none, none, none, id}};
    std::vector<Row> rows;
    for (const std::string &name : image.names) {
        if (!filter.matches_name(name))
            continue;
        const auto [repository, tag] = repository_and_tag(name);
        rows.push_back({image, repository, tag, digest_of(image, repository), id});
    }
    return rows;
}

base::Json json_of(const Row &row) {
    return {{"ID", row.image.id},
            {"Repository", row.repository},
            {"Tag", row.tag},
            {"Platform", row.image.config.platform.text()},
            {"Size", row.image.size.value},
            {"Created", age_of(row.image.config.created)}};
}

// Docker's fields.
base::Json fields_of(const Row &row) {
    return {{"ID", row.id},
            {"Repository", row.repository},
            {"Tag", row.tag},
            {"Digest", row.digest},
            {"CreatedSince", age_of(row.image.config.created)},
            {"CreatedAt", time_of(row.image.config.created)},
            {"Size", base::format_size(row.image.size)},
            {"VirtualSize", base::format_size(row.image.size)},
            {"Platform", row.image.config.platform.text()},
            {"Containers", unknown},
            {"SharedSize", unknown},
            {"UniqueSize", unknown}};
}

const RowFormat::Titles titles{{"ID", "IMAGE ID"},
                               {"Repository", "REPOSITORY"},
                               {"Tag", "TAG"},
                               {"Digest", "DIGEST"},
                               {"CreatedSince", "CREATED"},
                               {"CreatedAt", "CREATED AT"},
                               {"Size", "SIZE"},
                               {"VirtualSize", "SIZE"},
                               {"Platform", "PLATFORM"},
                               {"Containers", "CONTAINERS"},
                               {"SharedSize", "SHARED SIZE"},
                               {"UniqueSize", "UNIQUE SIZE"}};

std::string table_of(const std::vector<Row> &rows, bool digests) {
    std::vector<std::string> header{"REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"};
    if (digests)
        header.insert(header.begin() + 2, "DIGEST");
    Table table(header);
    for (const Row &row : rows) {
        std::vector<std::string> cells{row.repository, row.tag, row.id, age_of(row.image.config.created),
                                       base::format_size(row.image.size)};
        if (digests)
            cells.insert(cells.begin() + 2, row.digest);
        table.add(cells);
    }
    return table.text();
}

int run_list(const Context &context, const ListOptions &options) {
    const RowFormat format(options.format, titles);
    const image::Store store(context.paths());
    std::vector<std::string> filters = options.filters;
    if (!options.reference.empty())
        filters.push_back("reference=" + options.reference);
    const ImageFilter filter(filters, [&](const std::string &name) { return store.get(name); });
    std::string text;
    std::vector<Row> rows;
    for (const image::Image &image : store.list()) {
        if (!filter.matches(image))
            continue;
        if (options.quiet)
            text += (options.no_trunc ? image.id : short_image_id(image.id)) + "\n";
        for (Row &row : rows_of(image, filter, options.no_trunc))
            rows.push_back(std::move(row));
    }
    if (format.is_template() && !options.quiet) {
        std::vector<base::Json> fields;
        for (const Row &row : rows)
            fields.push_back(fields_of(row));
        text = format.text(fields);
    } else if (format.is_json() && !options.quiet) {
        for (const Row &row : rows)
            text += base::dump_json(json_of(row)) + "\n";
    } else if (!options.quiet) {
        text = table_of(rows, options.digests);
    }
    print(STDOUT_FILENO, text);
    return 0;
}

} // namespace

void add_image_list(Command &image, Context &context) {
    auto options = std::make_shared<ListOptions>();
    image.subcommand("ls", "List the images in the store")
        .flag("-a,--all", options->all, "Nothing is hidden here")
        .flag("--digests", options->digests, "Also where they are from: the digest in the registry")
        .list("-f,--filter", options->filters,
              "dangling=BOOL, label=KEY[=VALUE], reference=PATTERN, before=IMAGE, since=IMAGE or until=AGE",
              "FILTER")
        .option("--format", options->format, row_format_help, "FORMAT")
        .flag("--no-trunc", options->no_trunc, "Whole ids")
        .flag("-q,--quiet", options->quiet, "Only ids")
        .positional("NAME", options->reference, "Only this repository or name; may be a pattern", false)
        .hide("--all")
        .action([&context, options] { return run_list(context, *options); });
}

} // namespace cli
