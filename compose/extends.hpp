// Gives each service of a document what it extends: a service of the same document or of another file, and
// what that extends in turn. Reads those files through SourceFiles.
#pragma once

#include "compose/diagnostic.hpp"
#include "compose/node.hpp"
#include "compose/part.hpp"
#include "compose/phases.hpp"
#include "compose/source_files.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace compose {

// One for all documents of a part: a service of another file is prepared once.
class Extender {
  public:
    // Interpolates, checks and shapes a tree of another file, and resolves its paths, which begin at
    // `directory`.
    using Prepare = std::function<void(Node &tree, const std::filesystem::path &directory)>;

    // Services and files that are not there go to `missing`, what can't be merged to `conflicts`.
    Extender(const Part &part, SourceFiles &files, Prepare prepare, Values values, Diagnostics &missing,
             Diagnostics &conflicts)
        : part_(part), files_(files), prepare_(std::move(prepare)), values_(values), missing_(missing),
          conflicts_(conflicts) {}

    // `document` is in canonical form. Its own tags stay, for the merge onto the documents before it.
    void apply(Node &document);

    // Every service that was named is there.
    [[nodiscard]] bool complete() const { return complete_; }

  private:
    // What one can extend without naming a file.
    struct Scope {
        std::string file;
        std::filesystem::path directory;
        const std::vector<Node> *documents =
            nullptr; // of another file: its services are prepared when asked for
        std::map<std::string, Node> services = {};
        std::set<std::string> done = {};
    };

    struct Reference {
        std::string service;
        Location location;
        std::string attribute;
        std::optional<Node> file;
    };

    // A service whose extends is being followed.
    struct Link {
        const Scope *scope;
        std::string name;
        Location location;
    };

    static std::optional<Reference> reference_of(const Node &service, const std::string &path);
    Node *find(Scope &scope, const std::string &name);
    Node *resolve(Scope &scope, const std::string &name);
    const Node *base_of(Scope &scope, const std::string &name, const Reference &reference);
    Scope *open(const Scope &from, const std::string &name, const Node &file);
    bool closes_cycle(const Scope &target, const Reference &reference);
    void report_undefined(const Scope &target, bool foreign, const std::string &name,
                          const Reference &reference);
    [[nodiscard]] std::string label(const Scope &scope, const std::string &name) const;

    const Part &part_;
    SourceFiles &files_;
    Prepare prepare_;
    Values values_;
    Diagnostics &missing_;
    Diagnostics &conflicts_;
    std::map<std::filesystem::path, Scope> others_;
    std::vector<Link> open_;
    bool complete_ = true;
};

} // namespace compose
