// The whole load pipeline on arbitrary bytes: it may refuse them, but neither crash nor take long, and it
// reads no file. Form feeds divide the bytes into a Compose file, a second one that is merged over it, and
// the files below, which the first two can include and extend.
#include "compose/assemble.hpp"
#include "compose/disk.hpp"
#include "compose/parse.hpp"
#include "compose/phases.hpp"

#include <string>

namespace {

using namespace compose;

constexpr const char *others[] = {"/fuzz/a.yaml", "/fuzz/sub/b.yaml", "/fuzz/sub/.env"};

class Memory final : public Disk {
  public:
    std::map<std::filesystem::path, std::string> files;

    [[nodiscard]] bool has_file(const std::filesystem::path &path) const override {
        return files.contains(path);
    }

    [[nodiscard]] std::vector<std::string> names_in(const std::filesystem::path &) const override {
        return {others, std::end(others)};
    }

    [[nodiscard]] std::shared_ptr<const Source> read(const std::filesystem::path &path, std::string shown,
                                                     SourceKind kind,
                                                     Diagnostics &diagnostics) const override {
        return check_source(files.at(path), std::move(shown), kind, diagnostics);
    }
};

std::vector<std::string> split(const std::string &text) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('\f', begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::vector<std::string> parts = split(std::string(reinterpret_cast<const char *>(data), size));
    Memory disk;
    for (std::size_t index = 2; index < parts.size() && index - 2 < std::size(others); ++index)
        disk.files[others[index - 2]] = parts[index];

    LoadOptions options;
    options.working_dir = "/fuzz";
    options.no_env_resolution = true; // env_file names files of the machine
    const Part project{"/fuzz/compose.yaml",
                       options.working_dir,
                       {{"A", "value"}, {"E", ""}, {"N", "8080"}, {"HOME", "/home"}},
                       nullptr};
    const NormaliseContext context{"fuzz", options.working_dir, project.environment, options};

    AssembleReport report;
    std::vector<Node> documents;
    for (std::size_t index = 0; index < std::min<std::size_t>(2, parts.size()); ++index)
        if (const auto source = check_source(parts[index], "compose.yaml", SourceKind::yaml, report.files))
            for (Node &document : parse_yaml(source, report.files))
                documents.push_back(std::move(document));
    SourceFiles files(disk, options.working_dir);
    AssembleOptions assembling;
    assembling.most_ports = 1000; // a range of all ports takes a second
    Assembler assembler(files, assembling, report);
    Node merged = assembler.assemble(project, std::move(documents));
    normalise(merged, context, report.values);
    validate(merged, context, report.values);
    if (!report.values.has_errors() && !report.variables.has_errors() && !report.files.has_errors()) {
        (void)decode(merged, context);
        present(merged, context);
    }
    for (Diagnostics *diagnostics : {&report.variables, &report.files, &report.values}) {
        files.explain(*diagnostics);
        (void)render(diagnostics->sorted(), false);
    }
    return 0;
}
