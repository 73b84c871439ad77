#include "engine/build/remote_source.hpp"

#include "base/error.hpp"
#include "engine/build/text.hpp"

#include <algorithm>

namespace build {

namespace {

bool has_scheme(std::string_view text, std::string_view scheme) {
    return text.size() > scheme.size() && lower(text.substr(0, scheme.size())) == scheme;
}

bool is_web(std::string_view text) {
    return has_scheme(text, "http://") || has_scheme(text, "https://");
}

// "git@host:path": no scheme, and the colon before any slash.
bool is_login_and_path(std::string_view text) {
    const std::size_t at = text.find('@');
    const std::size_t colon = text.find(':');
    const std::size_t slash = text.find('/');
    const auto is_name = [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
    };
    return at != std::string_view::npos && at > 0 && colon != std::string_view::npos && colon > at + 1
           && colon + 1 < text.size() && (slash == std::string_view::npos || slash > colon)
           && std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), is_name);
}

std::string_view path_of(std::string_view url) {
    url = url.substr(0, url.find_first_of("?#"));
    const std::size_t host = url.find("://") + 3;
    const std::size_t slash = url.find('/', host);
    return slash == std::string_view::npos ? std::string_view() : url.substr(slash);
}

std::string decoded(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto digit = [&](std::size_t place) {
            const std::size_t value = std::string_view("0123456789abcdef").find(lower(text.substr(place, 1)));
            return value;
        };
        if (text[at] == '%' && at + 2 < text.size() && digit(at + 1) < 16 && digit(at + 2) < 16) {
            result += static_cast<char>(digit(at + 1) * 16 + digit(at + 2));
            at += 2;
        } else {
            result += text[at];
        }
    }
    return result;
}

[[noreturn]] void throw_query(const std::string &what) {
    throw base::Error("the query of a git URL " + what,
                      "known are ref, tag, branch, subdir, checksum, commit, keep-git-dir and submodules");
}

class Query {
  public:
    explicit Query(GitSource &source) : source_(source) {}

    void take(std::string_view query) {
        while (!query.empty()) {
            const std::size_t end = query.find('&');
            option(query.substr(0, end));
            query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
        }
    }

  private:
    void option(std::string_view text) {
        const std::size_t equals = text.find('=');
        const std::string key(text.substr(0, equals));
        const std::string value =
            equals == std::string_view::npos ? std::string() : decoded(text.substr(equals + 1));
        if (key == "ref")
            set(source_.ref, value, key);
        else if (key == "tag")
            set(source_.ref, "refs/tags/" + value, key);
        else if (key == "branch")
            set(source_.ref, "refs/heads/" + value, key);
        else if (key == "subdir")
            set(source_.directory, value, key);
        else if (key == "checksum" || key == "commit")
            set(source_.commit, value, key);
        else if (key == "keep-git-dir")
            source_.keep_git_dir = truth(key, value);
        else if (key == "submodules")
            source_.submodules = truth(key, value);
        else
            throw_query("has no \"" + key + "\"");
    }

    static void set(std::string &member, const std::string &value, const std::string &key) {
        if (!member.empty())
            throw_query("says twice what " + key + " says");
        member = value;
    }

    static bool truth(const std::string &key, const std::string &value) {
        if (!value.empty() && !is_true(value) && !is_false(value))
            throw_query("has " + key + "=" + value + ", which is neither true nor false");
        return value.empty() || is_true(value);
    }

    GitSource &source_;
};

GitSource parse_repository(std::string_view text) {
    GitSource source;
    const std::size_t hash = text.find('#');
    const std::string_view fragment =
        hash == std::string_view::npos ? std::string_view() : text.substr(hash + 1);
    text = text.substr(0, hash);
    const std::size_t question =
        text.find("://") == std::string_view::npos ? std::string_view::npos : text.find('?');
    source.repository = text.substr(0, question);
    if (question != std::string_view::npos) {
        if (!fragment.empty())
            throw_query("can't be together with a #fragment");
        Query(source).take(text.substr(question + 1));
    }
    const std::size_t colon = fragment.find(':');
    if (!fragment.empty()) {
        source.ref = fragment.substr(0, colon);
        if (colon != std::string_view::npos)
            source.directory = fragment.substr(colon + 1);
    }
    if (source.ref.starts_with('-'))
        throw base::Error("\"" + source.ref + "\" is no reference of a git repository",
                          "write REPOSITORY#BRANCH, #TAG or #COMMIT");
    return source;
}

} // namespace

std::optional<GitSource> parse_git_source(std::string_view text) {
    const bool is_git = has_scheme(text, "git://") || has_scheme(text, "ssh://")
                        || (is_web(text) && path_of(text).ends_with(".git")) || is_login_and_path(text);
    return is_git ? std::optional(parse_repository(text)) : std::nullopt;
}

std::optional<GitSource> parse_git_context(std::string_view text) {
    if (text.starts_with("github.com/"))
        return parse_repository("https://" + std::string(text));
    return parse_git_source(text);
}

bool is_web_file(std::string_view text) {
    return is_web(text) && !path_of(text).ends_with(".git");
}

bool is_remote_source(std::string_view text) {
    return is_web(text) || has_scheme(text, "git://") || has_scheme(text, "ssh://")
           || is_login_and_path(text);
}

bool is_remote_context(std::string_view text) {
    return is_remote_source(text) || text.starts_with("github.com/");
}

std::string name_of_web_file(std::string_view url) {
    std::string_view path = path_of(url);
    while (path.ends_with('/'))
        path.remove_suffix(1);
    const std::string name = decoded(path.substr(path.rfind('/') + 1));
    const bool is_name = !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos
                         && name.find('\0') == std::string::npos;
    return is_name ? name : "__unnamed__";
}

std::string without_login(std::string_view url) {
    const std::size_t scheme = url.find("://");
    const std::size_t begin = scheme == std::string_view::npos ? url.size() : scheme + 3;
    const std::size_t at = url.substr(0, url.find('/', begin)).rfind('@');
    if (begin >= url.size() || at == std::string_view::npos || at < begin)
        return std::string(url);
    return std::string(url.substr(0, begin)) + std::string(url.substr(at + 1));
}

} // namespace build
