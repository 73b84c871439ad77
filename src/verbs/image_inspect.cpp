// image inspect, history.
#include "base/error.hpp"
#include "base/json.hpp"
#include "engine/image/content.hpp"
#include "engine/image/layers.hpp"
#include "engine/image/members.hpp"
#include "terminal/table.hpp"
#include "terminal/terminal.hpp"
#include "verbs/image_verbs.hpp"
#include "verbs/row_format.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace cli {

namespace {

constexpr std::size_t command_width = 45;
constexpr const char *no_time = "0001-01-01T00:00:00Z"; // what Docker shows for none

std::string time_text(const std::optional<base::Timestamp> &time) {
    return time ? base::format_rfc3339(*time) : no_time;
}

base::Json driver_data(const image::Image &image) {
    base::Json data = base::Json::object();
    if (image.layers.empty())
        return data;
    std::string lower;
    for (auto layer = image.layers.rbegin() + 1; layer != image.layers.rend(); ++layer)
        lower += (lower.empty() ? "" : ":") + layer->string();
    if (!lower.empty())
        data["LowerDir"] = lower;
    data["UpperDir"] = image.layers.back().string();
    return data;
}

// What its list has: an image for each platform, and what is attested of them.
base::Json manifests_of(const image::Store &store, const image::Image &image) {
    image::IndexEntry entry;
    entry.list = image.list;
    base::Json manifests = base::Json::array();
    for (const image::Member &member : image::members_of(image::Content(store.paths()), entry)) {
        base::Json json{{"ID", member.manifest.digest},
                        {"Descriptor", image::descriptor_json(member.manifest)},
                        {"Kind", member.attestation ? "attestation" : "image"}};
        if (!member.attestation)
            json["ImageID"] = member.image_id();
        manifests.push_back(std::move(json));
    }
    return manifests;
}

// Docker's shape. The configuration is shown as it is stored, so that nothing of it is lost.
base::Json inspected(const image::Store &store, const image::Image &image) {
    const image::Content content(store.paths());
    const base::Json document = base::parse_json(content.document(image.id).value_or("{}"), image.id);
    const auto comment = image.config.history.empty() ? "" : image.config.history.back().comment;
    base::Json json{{"Id", image.id},
                    {"RepoTags", image.names},
                    {"RepoDigests", image.digests},
                    {"Parent", ""},
                    {"Comment", comment},
                    {"Created", time_text(image.config.created)},
                    {"DockerVersion", ""},
                    {"Author", image.config.author},
                    {"Config", document.value("config", base::Json::object())},
                    {"Architecture", image.config.platform.architecture},
                    {"Os", image.config.platform.os},
                    {"Size", image.size.value},
                    {"GraphDriver", {{"Name", "overlay2"}, {"Data", driver_data(image)}}},
                    {"RootFS", {{"Type", "layers"}, {"Layers", image.config.diff_ids}}},
                    {"Metadata", {{"LastTagTime", no_time}}},
                    {"Descriptor", {{"digest", image.manifest_digest}}}};
    if (!image.config.platform.variant.empty())
        json["Variant"] = image.config.platform.variant;
    if (image.list) {
        json["Descriptor"] = image::descriptor_json(*image.list);
        json["Manifests"] = manifests_of(store, image);
    }
    return json;
}

// What the stored configuration leaves out because it is empty: a template may ask for it.
base::Json with_empty_members(base::Json json) {
    base::Json &config = json["Config"];
    for (const char *text : {"User", "WorkingDir", "StopSignal"})
        if (!config.contains(text))
            config[text] = "";
    for (const char *list : {"Env", "Entrypoint", "Cmd", "OnBuild", "Shell"})
        if (!config.contains(list) || config[list].is_null())
            config[list] = base::Json::array();
    for (const char *map : {"ExposedPorts", "Volumes", "Labels"})
        if (!config.contains(map) || config[map].is_null())
            config[map] = base::Json::object();
    if (!json.contains("Variant"))
        json["Variant"] = "";
    return json;
}

std::string inspected_by(const go_template::Template &format, const base::Json &images) {
    std::string text;
    for (const base::Json &image : images)
        text += format.render(with_empty_members(image)) + "\n";
    return text;
}

int run_inspect(const Context &context, const std::vector<std::string> &names, const std::string &format) {
    std::optional<go_template::Template> wanted;
    if (!format.empty() && format != "json")
        wanted.emplace(format);
    const image::Store store(context.paths());
    base::Json array = base::Json::array();
    for (const std::string &name : names)
        array.push_back(inspected(store, store.get(name)));
    print(STDOUT_FILENO, wanted             ? inspected_by(*wanted, array)
                         : format == "json" ? base::dump_json(array) + "\n"
                                            : base::pretty_json(array) + "\n");
    return 0;
}

struct HistoryOptions {
    std::string image;
    std::string format = "table";
    bool quiet = false;
    bool no_trunc = false;
    std::string human = "true";
};

struct HistoryRow {
    std::string id, created, created_at, command, comment;
    base::Bytes size;
};

const RowFormat::Titles history_titles{
    {"ID", "IMAGE"},  {"CreatedSince", "CREATED"}, {"CreatedAt", "CREATED AT"}, {"CreatedBy", "CREATED BY"},
    {"Size", "SIZE"}, {"Comment", "COMMENT"}};

// Newest first. What has no entry of its own (images that were imported or squashed) is one row a layer.
std::vector<HistoryRow> history_of(const image::Store &store, const image::Image &image) {
    const image::Layers layers(store.paths());
    const std::vector<std::string> chain = image::chain_ids(image.config.diff_ids);
    std::vector<HistoryRow> rows;
    std::size_t next = 0;
    for (const image::HistoryEntry &entry : image.config.history) {
        HistoryRow row{"<missing>",      age_of(entry.created), time_of(entry.created),
                       entry.created_by, entry.comment,         {}};
        if (!entry.empty_layer && next < chain.size())
            row.size = layers.size(chain[next++]);
        rows.push_back(std::move(row));
    }
    for (; next < chain.size(); ++next)
        rows.push_back({"<missing>", age_of(image.config.created), time_of(image.config.created), "", "",
                        layers.size(chain[next])});
    if (!rows.empty())
        rows.back().id = image.id;
    return {rows.rbegin(), rows.rend()};
}

int run_history(const Context &context, const HistoryOptions &options) {
    const RowFormat format(options.format, history_titles);
    const image::Store store(context.paths());
    const bool human = options.human != "false";
    Table table({"IMAGE", "CREATED", "CREATED BY", "SIZE", "COMMENT"});
    std::string text;
    std::vector<base::Json> fields;
    for (const HistoryRow &row : history_of(store, store.get(options.image))) {
        const bool named = row.id.starts_with("sha256:");
        const std::string id = named && !options.no_trunc ? short_image_id(row.id) : row.id;
        const std::string command = options.no_trunc ? row.command : truncated(row.command, command_width);
        const std::string size = human ? base::format_size(row.size) : std::to_string(row.size.value);
        if (options.quiet)
            text += id + "\n";
        else if (format.is_template())
            fields.push_back({{"ID", id},
                              {"CreatedSince", row.created},
                              {"CreatedAt", row.created_at},
                              {"CreatedBy", command},
                              {"Size", size},
                              {"Comment", row.comment}});
        else if (format.is_json())
            text += base::dump_json({{"ID", id},
                                     {"CreatedSince", row.created},
                                     {"CreatedBy", command},
                                     {"Size", size},
                                     {"Comment", row.comment}})
                    + "\n";
        else
            table.add({id, row.created, command, size, row.comment});
    }
    if (format.is_template() && !options.quiet)
        text = format.text(fields);
    print(STDOUT_FILENO, options.quiet || !format.is_table() ? text : table.text());
    return 0;
}

} // namespace

void add_image_inspect(Command &image, Context &context) {
    auto names = std::make_shared<std::vector<std::string>>();
    auto format = std::make_shared<std::string>();
    image.subcommand("inspect", "Show what is known of images, as JSON")
        .option("-f,--format", *format, "json: in one line; or a Go template: '{{.Id}}'", "FORMAT")
        .positionals("IMAGE", *names, "Names or ids", true)
        .action([&context, names, format] { return run_inspect(context, *names, *format); });
    auto options = std::make_shared<HistoryOptions>();
    image.subcommand("history", "Show how an image was made, newest step first")
        .option("--format", options->format, row_format_help, "FORMAT")
        .option("-H,--human", options->human, "false: sizes in bytes", "BOOL")
        .flag("-q,--quiet", options->quiet, "Only ids")
        .flag("--no-trunc", options->no_trunc, "Whole ids and commands")
        .positional("IMAGE", options->image, "Name or id")
        .action([&context, options] { return run_history(context, *options); });
}

} // namespace cli
