#include "engine/build/slash_path.hpp"

namespace build {

std::vector<std::string> path_parts(std::string_view path) {
    std::vector<std::string> parts;
    while (!path.empty()) {
        const std::size_t slash = path.find('/');
        if (slash != 0)
            parts.emplace_back(path.substr(0, slash));
        path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    }
    return parts;
}

std::string clean_path(std::string_view path) {
    const bool absolute = path.starts_with('/');
    std::vector<std::string> kept;
    for (std::string &part : path_parts(path)) {
        if (part == ".")
            continue;
        if (part != ".." || (kept.empty() ? !absolute : kept.back() == ".."))
            kept.push_back(std::move(part));
        else if (!kept.empty())
            kept.pop_back();
    }
    std::string result;
    for (const std::string &part : kept)
        result += (result.empty() && !absolute ? "" : "/") + part;
    return !result.empty() ? result : absolute ? "/" : ".";
}

std::string resolve_path(std::string_view base, std::string_view path) {
    if (path.starts_with('/'))
        return clean_path(path);
    return clean_path(std::string(base) + "/" + std::string(path));
}

} // namespace build
