#include "compose/clean_path.hpp"

#include <filesystem>

namespace compose {

namespace {

// A dot that begins a name may be one of its letters; it is enough that most paths have none.
bool may_be_unclean(const std::string &path) {
    return path.empty() || path.front() == '.' || path.back() == '/' || path.find("//") != std::string::npos
           || path.find("/.") != std::string::npos;
}

} // namespace

std::string clean_path(const std::string &path) {
    if (!may_be_unclean(path))
        return path;
    std::string text = std::filesystem::path(path).lexically_normal().string();
    if (text.size() > 1 && text.back() == '/')
        text.pop_back();
    return text;
}

} // namespace compose
