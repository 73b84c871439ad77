#include "engine/image/reference.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace image {

namespace {

constexpr std::string_view default_registry = "docker.io";
constexpr std::string_view default_namespace = "library/";
constexpr std::size_t longest_name = 255;
constexpr std::size_t longest_tag = 128;

bool is_lower_alnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_alnum(char c) {
    return is_lower_alnum(c) || (c >= 'A' && c <= 'Z');
}

bool is_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

[[noreturn]] void invalid(std::string_view text, const std::string &why) {
    throw base::Error("invalid image name \"" + std::string(text) + "\": " + why,
                      "write it as [registry/]name[:tag][@sha256:digest], for example redis:7-alpine");
}

// [a-z0-9]+ joined by single '.', '_', a double "__" or any run of '-'.
bool is_path_component(std::string_view text) {
    if (text.empty() || !is_lower_alnum(text.front()) || !is_lower_alnum(text.back()))
        return false;
    for (std::size_t i = 0; i < text.size();) {
        if (is_lower_alnum(text[i])) {
            ++i;
            continue;
        }
        const std::size_t end = std::min(text.find_first_not_of(text[i], i), text.size());
        const std::size_t run = end - i;
        const bool separator = text[i] == '-' || (text[i] == '.' && run == 1) || (text[i] == '_' && run <= 2);
        if (!separator || !is_lower_alnum(text[end]))
            return false;
        i = end;
    }
    return true;
}

bool is_port(std::string_view text) {
    return !text.empty() && text.size() <= 5
           && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_host(std::string_view text) {
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        return end == text.size() - 1 && end > 2
               && text.substr(1, end - 1).find_first_not_of("0123456789abcdefABCDEF:")
                      == std::string_view::npos;
    }
    while (true) {
        const auto dot = text.find('.');
        const std::string_view label = text.substr(0, dot);
        if (label.empty() || !is_alnum(label.front()) || !is_alnum(label.back())
            || !std::all_of(label.begin(), label.end(), [](char c) { return is_alnum(c) || c == '-'; }))
            return false;
        if (dot == std::string_view::npos)
            return true;
        text.remove_prefix(dot + 1);
    }
}

bool is_registry(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || text.ends_with(']'))
        return is_host(text);
    return is_host(text.substr(0, colon)) && is_port(text.substr(colon + 1));
}

// Of the part before the first slash: it can't be a user of Docker Hub.
bool looks_like_registry(std::string_view head) {
    return head.find_first_of(".:") != std::string_view::npos || head == "localhost"
           || std::any_of(head.begin(), head.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_tag(std::string_view text) {
    return !text.empty() && text.size() <= longest_tag && (is_alnum(text.front()) || text.front() == '_')
           && std::all_of(text.begin(), text.end(),
                          [](char c) { return is_alnum(c) || c == '_' || c == '.' || c == '-'; });
}

void check_repository(std::string_view text, std::string_view repository) {
    if (repository.empty())
        invalid(text, "the name is missing");
    if (std::any_of(repository.begin(), repository.end(), [](char c) { return c >= 'A' && c <= 'Z'; }))
        invalid(text, "the repository name must be lower case");
    for (std::size_t start = 0; start <= repository.size();) {
        const std::size_t end = std::min(repository.find('/', start), repository.size());
        const std::string_view component = repository.substr(start, end - start);
        if (component.empty())
            invalid(text, "a part between slashes is empty");
        if (!is_path_component(component))
            invalid(text, "\"" + std::string(component)
                              + "\" may hold only a-z, 0-9 and single separators . _ __ - between them");
        start = end + 1;
    }
}

} // namespace

bool is_sha256_digest(std::string_view text) {
    return text.starts_with("sha256:") && text.size() == 7 + 64 && is_hex(text.substr(7));
}

Reference Reference::parse(std::string_view text) {
    if (text.empty())
        invalid(text, "it is empty");
    if (text.size() == 64 && is_hex(text))
        invalid(text, "64 hexadecimal digits are an image id, not a name");

    Reference reference;
    std::string_view rest = text;
    if (const auto at = rest.find('@'); at != std::string_view::npos) {
        reference.digest = rest.substr(at + 1);
        rest = rest.substr(0, at);
        if (!is_sha256_digest(reference.digest))
            invalid(text, "the digest after @ must be sha256: and 64 lower-case hexadecimal digits");
    }

    const auto slash = rest.find('/');
    const std::string_view head =
        slash == std::string_view::npos ? std::string_view{} : rest.substr(0, slash);
    if (looks_like_registry(head)) {
        if (!is_registry(head))
            invalid(text, "\"" + std::string(head) + "\" is not a registry host[:port]");
        reference.registry = head == "index.docker.io" ? default_registry : head;
        rest.remove_prefix(slash + 1);
    } else {
        reference.registry = default_registry;
    }

    if (const auto colon = rest.find(':'); colon != std::string_view::npos) {
        reference.tag = rest.substr(colon + 1);
        rest = rest.substr(0, colon);
        if (!is_tag(reference.tag))
            invalid(text, "the tag \"" + reference.tag
                              + "\" must be 1 to 128 letters, digits, _ . - and not begin with . or -");
    } else if (reference.digest.empty()) {
        reference.tag = "latest";
    }

    check_repository(text, rest);
    reference.repository = rest;
    if (reference.registry == default_registry && rest.find('/') == std::string_view::npos)
        reference.repository.insert(0, default_namespace);
    if (reference.registry.size() + 1 + reference.repository.size() > longest_name)
        invalid(text, "the name is longer than 255 characters");
    return reference;
}

namespace {

std::string with_suffix(std::string name, const Reference &reference) {
    if (!reference.tag.empty())
        name += ":" + reference.tag;
    if (!reference.digest.empty())
        name += "@" + reference.digest;
    return name;
}

} // namespace

std::string Reference::familiar_repository() const {
    const std::size_t slash = repository.find('/');
    if (registry != default_registry || looks_like_registry(repository.substr(0, slash)))
        return canonical_repository();
    const bool official = repository.starts_with(default_namespace)
                          && repository.find('/', default_namespace.size()) == std::string::npos;
    return official ? repository.substr(default_namespace.size()) : repository;
}

std::string Reference::canonical_repository() const {
    return registry + "/" + repository;
}

std::string Reference::familiar() const {
    return with_suffix(familiar_repository(), *this);
}

std::string Reference::canonical() const {
    return with_suffix(canonical_repository(), *this);
}

} // namespace image
