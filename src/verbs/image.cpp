// image import, load, save: images as files. The other verbs on images add themselves below.
#include "engine/image/archive.hpp"
#include "engine/image/store.hpp"
#include "terminal/terminal.hpp"
#include "verbs/image_verbs.hpp"
#include "verbs/output_file.hpp"
#include "verbs/project_state.hpp"
#include "verbs/verbs.hpp"

#include <unistd.h>

namespace cli {

namespace {

struct ImportArguments {
    std::string file;
    std::string name;
    std::vector<std::string> changes;
    std::string message;
};

int run_import(const Context &context, const ImportArguments &arguments) {
    image::Store store = collecting_store(context.paths());
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
    image::Store store = collecting_store(context.paths());
    const auto images =
        file.empty() || file == "-" ? image::load(store, STDIN_FILENO) : image::load(store, file);
    for (const image::Image &loaded : images)
        for (const std::string &name : loaded.names.empty() ? std::vector{loaded.id} : loaded.names)
            print(STDOUT_FILENO, "Loaded image: " + name + "\n");
    return 0;
}

int run_save(const Context &context, const std::vector<std::string> &names, const std::string &output) {
    const image::Store store(context.paths());
    write_output(output, [&](int fd, const std::string &) { image::save(store, names, fd); });
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

} // namespace

void add_image(Command &root, Context &context) {
    Command image = root.subcommand("image", "Manage the image store");
    add_image_list(image, context);
    add_image_store(image, context);
    add_image_inspect(image, context);
    add_import(image, context);
    add_transfer(image, context);
}

} // namespace cli
