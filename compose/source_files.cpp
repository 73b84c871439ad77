#include "compose/source_files.hpp"

#include "base/suggest.hpp"
#include "compose/parse.hpp"

#include <algorithm>

namespace compose {

std::size_t weight(const Node &node) {
    constexpr std::size_t text_as_large_as_a_node = 128;
    std::size_t sum = 1 + node.text.size() / text_as_large_as_a_node;
    for (const Node &item : node.items)
        sum += weight(item);
    for (const Member &member : node.members)
        sum += weight(member.value);
    return sum;
}

const std::vector<Node> *SourceFiles::open(const std::filesystem::path &path, const Reference &from,
                                           Diagnostics &diagnostics) {
    if (!is_there(path, from, diagnostics))
        return nullptr;
    auto found = parsed_.find(path);
    if (found == parsed_.end()) {
        Diagnostics problems;
        std::optional<std::vector<Node>> documents;
        if (const auto source = read(path, SourceKind::yaml, from, problems)) {
            documents = parse_yaml(source, problems);
            if (problems.has_errors())
                documents.reset();
        }
        for (const Diagnostic &each : problems.all())
            diagnostics.add(each);
        found = parsed_.emplace(path, std::move(documents)).first;
    }
    return found->second ? &*found->second : nullptr;
}

std::shared_ptr<const Source> SourceFiles::open_env_file(const std::filesystem::path &path,
                                                         const Reference &from, Diagnostics &diagnostics) {
    return is_there(path, from, diagnostics) ? read(path, SourceKind::env_file, from, diagnostics) : nullptr;
}

std::shared_ptr<const Source> SourceFiles::read(const std::filesystem::path &path, SourceKind kind,
                                                const Reference &from, Diagnostics &diagnostics) {
    Diagnostics problems;
    auto source = disk_.read(path, shown(path), kind, problems);
    if (source != nullptr)
        origins_.emplace(source, Note{from.location, from.note});
    for (const Diagnostic &each : problems.all()) {
        if (each.location.known())
            origins_.emplace(each.location.source, Note{from.location, from.note});
        diagnostics.add(each);
    }
    return source;
}

bool SourceFiles::is_there(const std::filesystem::path &path, const Reference &from,
                           Diagnostics &diagnostics) const {
    if (disk_.has_file(path))
        return true;
    const std::vector<std::string> names = disk_.names_in(path.parent_path());
    const std::string name = path.filename().string();
    if (path == path.root_path() || std::find(names.begin(), names.end(), name) != names.end()) {
        diagnostics.error(from.location, from.attribute,
                          shown(path) + " is a directory or a broken link, not a file", "name a file");
        return false;
    }
    std::string hint = base::did_you_mean(name, names);
    if (hint.empty())
        hint =
            "a relative path begins at the directory of the file that names it, or at the project directory";
    diagnostics.error(from.location, from.attribute, "there is no file " + shown(path), std::move(hint));
    return false;
}

bool SourceFiles::charge(std::size_t weight, const Location &at, Diagnostics &diagnostics) {
    if (exhausted())
        return false;
    charged_ += weight;
    if (charged_ <= most)
        return true;
    diagnostics.error(at, {},
                      "extends and include make more than " + std::to_string(most) + " values of this",
                      "do the files multiply each other?");
    return false;
}

void SourceFiles::explain(Diagnostics &diagnostics) const {
    for (std::size_t index = 0; index < diagnostics.all().size(); ++index) {
        // A file is named by one that was read before it, so this ends.
        Location at = diagnostics.all()[index].location;
        for (auto origin = origins_.find(at.source); origin != origins_.end();
             origin = origins_.find(at.source)) {
            diagnostics.note(index, origin->second);
            at = origin->second.location;
        }
    }
}

} // namespace compose
