#include "base/error.hpp"
#include "base/file.hpp"
#include "base/json.hpp"
#include "engine/image/archive.hpp"
#include "engine/image/store.hpp"
#include "terminal/table.hpp"
#include "terminal/terminal.hpp"
#include "verbs/project_state.hpp"
#include "verbs/verbs.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

namespace cli {

namespace {

constexpr std::size_t short_id = 12;
constexpr std::size_t digest_prefix = sizeof "sha256:" - 1;

std::string shown_id(const std::string &id) {
    return id.substr(digest_prefix, short_id);
}

struct ImportArguments {
    std::string file;
    std::string name;
    std::vector<std::string> changes;
    std::string message;
};

int run_import(const Context &context, const ImportArguments &arguments) {
    image::Store store(context.paths());
    image::ImportOptions options;
    if (!arguments.name.empty())
        options.name = image::Reference::parse(arguments.name);
    options.changes = arguments.changes;
    options.message = arguments.message;
    const image::Image imported = arguments.file == "-"
                                      ? image::import_rootfs(store, STDIN_FILENO, options)
                                      : image::import_rootfs(store, arguments.file, options);
    print(STDOUT_FILENO, imported.id + "\n");
    return 0;
}

int run_load(const Context &context, const std::string &file) {
    image::Store store(context.paths());
    const auto images =
        file.empty() || file == "-" ? image::load(store, STDIN_FILENO) : image::load(store, file);
    for (const image::Image &loaded : images)
        for (const std::string &name : loaded.names.empty() ? std::vector{loaded.id} : loaded.names)
            print(STDOUT_FILENO, "Loaded image: " + name + "\n");
    return 0;
}

int run_save(const Context &context, const std::vector<std::string> &names, const std::string &output) {
    const image::Store store(context.paths());
    if (output.empty()) {
        if (is_terminal(STDOUT_FILENO))
            throw base::Error("refusing to write an archive to the terminal",
                              "give -o FILE, or redirect the output");
        image::save(store, names, STDOUT_FILENO);
        return 0;
    }
    const std::string temporary = output + ".part";
    try {
        const base::UniqueFd file = base::open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0644);
        image::save(store, names, file.get());
        std::filesystem::rename(temporary, output);
    } catch (...) {
        ::unlink(temporary.c_str());
        throw;
    }
    return 0;
}

std::pair<std::string, std::string> split_name(const std::string &name) {
    const std::size_t colon = name.rfind(':');
    if (colon == std::string::npos || name.find('/', colon) != std::string::npos)
        return {name, "<none>"};
    return {name.substr(0, colon), name.substr(colon + 1)};
}

int run_list(const Context &context, bool quiet, const std::string &format) {
    const auto images = image::Store(context.paths()).list();
    if (format != "table" && format != "json")
        throw base::Error("unknown format \"" + format + "\"", "use table or json");
    Table table({"REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"});
    for (const image::Image &image : images) {
        if (quiet) {
            print(STDOUT_FILENO, shown_id(image.id) + "\n");
            continue;
        }
        const std::string created =
            image.config.created ? base::format_age(base::now() - *image.config.created) + " ago" : "N/A";
        for (const std::string &name :
             image.names.empty() ? std::vector<std::string>{"<none>"} : image.names) {
            const auto [repository, tag] = split_name(name);
            if (format == "json")
                print(STDOUT_FILENO, base::dump_json({{"ID", image.id},
                                                      {"Repository", repository},
                                                      {"Tag", tag},
                                                      {"Platform", image.config.platform.text()},
                                                      {"Size", image.size.value},
                                                      {"Created", created}})
                                         + "\n");
            else
                table.add({repository, tag, shown_id(image.id), created, base::format_size(image.size)});
        }
    }
    if (!quiet && format == "table")
        print(STDOUT_FILENO, table.text());
    return 0;
}

int run_remove(const Context &context, const std::vector<std::string> &names, bool force) {
    image::Store store(context.paths());
    for (const std::string &name : names) {
        const image::Removed removed = store.remove(name, images_in_use(context.paths()), force);
        for (const std::string &untagged : removed.untagged)
            print(STDOUT_FILENO, "Untagged: " + untagged + "\n");
        for (const std::string &deleted : removed.deleted)
            print(STDOUT_FILENO, "Deleted: " + deleted + "\n");
    }
    store.collect_garbage(images_in_use(context.paths()));
    return 0;
}

int run_prune(const Context &context, bool all) {
    image::Store store(context.paths());
    const auto removed = store.prune(all, images_in_use(context.paths()));
    for (const std::string &deleted : removed.deleted)
        print(STDOUT_FILENO, "Deleted: " + deleted + "\n");
    return 0;
}

void add_import(Command &image, Context &context) {
    auto arguments = std::make_shared<ImportArguments>();
    image.subcommand("import", "Make an image of a root file system in a tar file")
        .list("-c,--change", arguments->changes,
              "Dockerfile instruction to apply, e.g. 'CMD [\"redis-server\"]'", "INSTRUCTION")
        .option("-m,--message", arguments->message, "Text for the image's history")
        .positional("FILE", arguments->file, "tar file, compressed or not; - is standard input")
        .positional("NAME", arguments->name, "Name of the image, e.g. redis:7-alpine", false)
        .action([&context, arguments] { return run_import(context, *arguments); });
}

void add_transfer(Command &image, Context &context) {
    auto input = std::make_shared<std::string>();
    image.subcommand("load", "Load images from an archive of `docker save` or an OCI archive")
        .option("-i,--input", *input, "The archive instead of standard input", "FILE")
        .action([&context, input] { return run_load(context, *input); });
    auto names = std::make_shared<std::vector<std::string>>();
    auto output = std::make_shared<std::string>();
    image.subcommand("save", "Write images to an archive that docker, podman and skopeo read")
        .option("-o,--output", *output, "File instead of standard output", "FILE")
        .positionals("IMAGE", *names, "Names or ids", true)
        .action([&context, names, output] { return run_save(context, *names, *output); });
}

void add_store(Command &image, Context &context) {
    auto quiet = std::make_shared<bool>(false);
    auto format = std::make_shared<std::string>("table");
    image.subcommand("ls", "List the images in the store")
        .flag("-q,--quiet", *quiet, "Only ids")
        .option("--format", *format, "table or json", "FORMAT")
        .action([&context, quiet, format] { return run_list(context, *quiet, *format); });
    auto names = std::make_shared<std::vector<std::string>>();
    auto force = std::make_shared<bool>(false);
    image.subcommand("rm", "Remove images")
        .flag("-f,--force", *force, "Also with several names or in use")
        .positionals("IMAGE", *names, "Names or ids", true)
        .action([&context, names, force] { return run_remove(context, *names, *force); });
    auto source = std::make_shared<std::string>();
    auto target = std::make_shared<std::string>();
    image.subcommand("tag", "Give an image another name")
        .positional("IMAGE", *source, "Name or id")
        .positional("NAME", *target, "The new name")
        .action([&context, source, target] {
            image::Store(context.paths()).tag(*source, image::Reference::parse(*target));
            return 0;
        });
    auto all = std::make_shared<bool>(false);
    image.subcommand("prune", "Remove images without a name that no container uses")
        .flag("-a,--all", *all, "Also named ones that no container uses, and the build cache")
        .action([&context, all] { return run_prune(context, *all); });
}

} // namespace

void add_image(Command &root, Context &context) {
    Command image = root.subcommand("image", "Manage the image store");
    add_import(image, context);
    add_transfer(image, context);
    add_store(image, context);
}

} // namespace cli
