// Compose files to one tree: each document interpolated, checked and in canonical form, then with what it
// includes and extends, merged onto those before it. Reads, through SourceFiles, the files that are named so.
#pragma once

#include "compose/diagnostic.hpp"
#include "compose/include.hpp"
#include "compose/interpolate.hpp"
#include "compose/node.hpp"
#include "compose/normalise_steps.hpp"
#include "compose/part.hpp"
#include "compose/phases.hpp"
#include "compose/source_files.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace compose {

struct AssembleOptions {
    bool interpolate = true;
    bool resolve_environment = true;
    // What paths of included and extended files become relative to; without, they become absolute.
    std::optional<std::filesystem::path> relative_to;
    std::size_t most_ports = PortBudget::whole;
};

// By what follows from what: a variable without a value can make the name of a file wrong, and both a value.
struct AssembleReport {
    Diagnostics variables;
    Diagnostics files;
    Diagnostics values;
};

class Assembler {
  public:
    Assembler(SourceFiles &files, AssembleOptions options, AssembleReport &report)
        : files_(files), options_(std::move(options)), report_(report), ports_{options_.most_ports} {}

    // The project. Its paths stay as they are written.
    [[nodiscard]] Node assemble(const Part &project, std::vector<Node> documents) {
        return build(project, std::move(documents), false);
    }

    // Everything that was named could be read and is there.
    [[nodiscard]] bool complete() const { return complete_; }

    // Variables that are not set, with the indices of their warnings among the report's.
    [[nodiscard]] const std::multimap<std::string, std::size_t> &unset() const { return unset_; }

    // For NormaliseContext.
    [[nodiscard]] const std::map<std::string, std::string> &contents() const { return contents_; }

  private:
    Node build(const Part &part, std::vector<Node> documents, bool included);
    void include(Node &document, const Include &wanted, const Part &part);
    [[nodiscard]] bool may_include(const std::string &path, const WrittenPath &written, const Part &part);
    [[nodiscard]] std::vector<Node> read(const std::string &path, const WrittenPath &written);
    [[nodiscard]] std::string path_of(const WrittenPath &written, const Part &part);
    void add_environment(const Include &wanted, const Part &from, Part &part);
    void finish_included(Node &merged, const Part &part);
    [[nodiscard]] PathBase base_of(const std::filesystem::path &directory, const Part &part) const;

    SourceFiles &files_;
    AssembleOptions options_;
    AssembleReport &report_;
    ExpansionBudget budget_;
    PortBudget ports_;
    std::multimap<std::string, std::size_t> unset_;
    std::map<std::string, std::string> contents_;
    bool complete_ = true;
};

} // namespace compose
