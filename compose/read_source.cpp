#include "compose/read_source.hpp"

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/line_index.hpp"
#include "base/utf8.hpp"

#include <sys/stat.h>

#include <cstdio>
#include <fcntl.h>
#include <optional>
#include <unistd.h>

namespace compose {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

// At most one byte more than allowed, so that a device or pipe without end is found out.
std::string read_bounded(int fd, const std::string &shown) {
    std::string text;
    char buffer[65536];
    while (text.size() <= largest_source) {
        const ssize_t count = ::read(fd, buffer, sizeof buffer);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            base::throw_errno("read", shown);
        if (count == 0)
            break;
        text.append(buffer, static_cast<std::size_t>(count));
    }
    return text;
}

Location whole(const std::string &shown) {
    return {std::make_shared<const Source>(Source{shown, {}}), 0, 0};
}

void too_large(const std::string &shown, Diagnostics &diagnostics) {
    diagnostics.error(whole(shown), {},
                      "the file is larger than " + std::to_string(largest_source >> 20) + " MiB",
                      "is this the file you meant?");
}

bool forbidden(std::uint32_t code, SourceKind kind) {
    if (code == 0)
        return true;
    const bool control = (code < 0x20 && code != '\t' && code != '\n' && code != '\r') || code == 0x7f;
    return kind == SourceKind::yaml && control;
}

struct Fault {
    std::size_t offset;
    std::string message;
    std::string hint;
};

std::optional<Fault> find_fault(std::string_view text, SourceKind kind) {
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] >= ' ' && text[at] <= '~') { // nearly all of a file
            ++at;
            continue;
        }
        const base::Utf8Char letter = base::utf8_decode(text.substr(at));
        if (!letter.valid)
            return Fault{at, "the text is not UTF-8", "save the file in UTF-8"};
        if (forbidden(letter.code, kind)) {
            char code[16];
            std::snprintf(code, sizeof code, "0x%02x", letter.code);
            return Fault{at, "the control character " + std::string(code) + " cannot be in this file",
                         letter.code == 0 ? "this looks like a binary or UTF-16 file; save it as UTF-8 text"
                                          : "remove it, or write it as an escape in double quotes"};
        }
        at += letter.size;
    }
    return std::nullopt;
}

} // namespace

std::shared_ptr<const Source> check_source(std::string text, std::string shown, SourceKind kind,
                                           Diagnostics &diagnostics) {
    if (text.size() > largest_source) {
        too_large(shown, diagnostics);
        return nullptr;
    }
    if (text.starts_with(byte_order_mark))
        text.erase(0, byte_order_mark.size());
    auto source = std::make_shared<const Source>(Source{std::move(shown), std::move(text)});
    const auto fault = find_fault(source->text, kind);
    if (!fault)
        return source;
    diagnostics.error(base::LineIndex(source).at(fault->offset), {}, fault->message, fault->hint);
    return nullptr;
}

std::shared_ptr<const Source> read_source(const std::filesystem::path &path, std::string shown,
                                          SourceKind kind, Diagnostics &diagnostics) {
    const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));

    struct stat status {};

    if (!fd || ::fstat(fd.get(), &status) < 0) {
        diagnostics.error(whole(shown), {}, "cannot read this file: " + base::errno_text(errno),
                          errno == EACCES ? "check its permissions" : "check the name and the directory");
        return nullptr;
    }
    if (S_ISDIR(status.st_mode)) {
        diagnostics.error(whole(shown), {}, "this is a directory, not a file", "name a file in it");
        return nullptr;
    }
    if (status.st_size > static_cast<off_t>(largest_source)) {
        too_large(shown, diagnostics);
        return nullptr;
    }
    return check_source(read_bounded(fd.get(), shown), std::move(shown), kind, diagnostics);
}

std::shared_ptr<const Source> read_standard_input(Diagnostics &diagnostics) {
    const std::string shown = "<stdin>";
    // Nobody can read it twice, and both locate() and load() want it.
    static const std::string text = read_bounded(STDIN_FILENO, shown);
    return check_source(text, shown, SourceKind::yaml, diagnostics);
}

std::string shown_path(const std::filesystem::path &path, const std::filesystem::path &working_dir) {
    const std::string absolute = path.lexically_normal().string();
    const std::string relative = path.lexically_relative(working_dir).string();
    return !relative.empty() && relative.size() < absolute.size() ? relative : absolute;
}

} // namespace compose
