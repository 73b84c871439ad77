#include "engine/container/id_blocks.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/container/users.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <limits>

namespace container {

namespace {

constexpr std::uint32_t block_size = 65536;
constexpr std::uint32_t first_block = 524288 / block_size;
constexpr std::uint32_t last_block = 1878982655 / block_size;
constexpr std::uint32_t blocks = last_block - first_block + 1;

std::string_view cut(std::string_view &text, char separator) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

// Calls visit(second field, third field) for each line.
template <typename Visit>
void each_line(std::string_view file, Visit visit) {
    while (!file.empty()) {
        std::string_view line = cut(file, '\n');
        cut(line, ':');
        const std::string_view second = cut(line, ':');
        visit(parse_id(second), parse_id(cut(line, ':')));
    }
}

// FNV-1a, for it is the same everywhere and always.
std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 14695981039346656037U;
    for (const char character : text)
        hash = (hash ^ static_cast<unsigned char>(character)) * 1099511628211U;
    return hash;
}

void append(std::vector<IdRange> &to, const std::vector<IdRange> &from) {
    to.insert(to.end(), from.begin(), from.end());
}

IdRange block_of(std::uint32_t id) {
    const std::uint32_t first = id / block_size * block_size;
    return {first, first + (block_size - 1)};
}

// A container's upper directory is the root directory it sees, and belongs to one of its users.
void add_containers(const base::Paths &paths, std::vector<IdRange> &taken) {
    const base::fs::path projects = paths.state() / "projects";
    for (const std::string &project : base::list_dir(projects)) {
        const base::fs::path containers = projects / project / "containers";
        for (const std::string &name : base::list_dir(containers)) {
            struct stat status {};

            if (::stat((containers / name / "upper").c_str(), &status) == 0 && status.st_uid >= block_size)
                taken.push_back(block_of(status.st_uid));
        }
    }
}

} // namespace

std::vector<IdRange> ids_of_accounts(std::string_view file) {
    std::vector<IdRange> ranges;
    each_line(file, [&](auto, auto id) {
        if (id)
            ranges.push_back({*id, *id});
    });
    return ranges;
}

std::vector<IdRange> ids_of_subordinates(std::string_view file) {
    std::vector<IdRange> ranges;
    each_line(file, [&](auto first, auto count) {
        if (first && count && *count > 0)
            ranges.push_back(
                {*first, *first + std::min(*count - 1, std::numeric_limits<std::uint32_t>::max() - *first)});
    });
    return ranges;
}

IdMapping choose_block(std::string_view id, const std::vector<IdRange> &taken) {
    const auto start = static_cast<std::uint32_t>(hash_of(id) % blocks);
    for (std::uint32_t step = 0; step < blocks; ++step) {
        const std::uint32_t first = (first_block + (start + step) % blocks) * block_size;
        const std::uint32_t last = first + (block_size - 1);
        if (std::none_of(taken.begin(), taken.end(),
                         [&](const IdRange &range) { return range.first <= last && first <= range.last; }))
            return {0, first, block_size};
    }
    throw base::Error("no block of 65536 user ids is free for the container's user namespace",
                      "free some in /etc/subuid and /etc/subgid, or set `userns_mode: host`");
}

void give_ids(const base::Paths &paths, Spec &spec, const std::filesystem::path &etc) {
    if (!spec.namespaces.own_users)
        return;
    std::vector<IdRange> taken;
    for (const char *name : {"passwd", "group"})
        append(taken, ids_of_accounts(base::read_file_if(etc / name).value_or("")));
    for (const char *name : {"subuid", "subgid"})
        append(taken, ids_of_subordinates(base::read_file_if(etc / name).value_or("")));
    add_containers(paths, taken);
    const IdMapping block = choose_block(spec.id, taken);
    spec.namespaces.uid_map = {block};
    spec.namespaces.gid_map = {block};
}

} // namespace container
