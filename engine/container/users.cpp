#include "engine/container/users.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/container/rootfs.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fcntl.h>
#include <optional>

namespace container {

namespace {

constexpr int cannot_run = 126;

using Fields = std::vector<std::string_view>;

Fields split(std::string_view text, char separator) {
    Fields fields;
    for (;;) {
        const std::size_t end = text.find(separator);
        fields.push_back(text.substr(0, end));
        if (end == std::string_view::npos)
            return fields;
        text.remove_prefix(end + 1);
    }
}

// Lines of colon-separated fields; short, empty and commented ones are not entries.
template <typename Visit>
void each_entry(std::string_view file, std::size_t least_fields, Visit visit) {
    for (const std::string_view line : split(file, '\n')) {
        const Fields fields = split(line, ':');
        if (fields.size() >= least_fields && !line.starts_with('#') && parse_id(fields[2]))
            visit(fields);
    }
}

struct PasswdEntry {
    std::string name;
    uid_t uid;
    gid_t gid;
    std::string home;
};

// A number names a uid even when somebody is called so.
std::optional<PasswdEntry> find_user(std::string_view passwd, std::string_view wanted) {
    const auto uid = parse_id(wanted);
    std::optional<PasswdEntry> found;
    each_entry(passwd, 6, [&](const Fields &fields) {
        const auto entry_uid = parse_id(fields[2]);
        if (!found && (uid ? entry_uid == uid : fields[0] == wanted))
            found = PasswdEntry{std::string(fields[0]), *entry_uid, parse_id(fields[3]).value_or(0),
                                std::string(fields[5])};
    });
    return found;
}

std::optional<gid_t> find_group(std::string_view group, std::string_view wanted) {
    const auto gid = parse_id(wanted);
    std::optional<gid_t> found = gid;
    if (!gid)
        each_entry(group, 3, [&](const Fields &fields) {
            if (!found && fields[0] == wanted)
                found = parse_id(fields[2]);
        });
    return found;
}

void add_memberships(std::string_view group, std::string_view user, std::vector<gid_t> &groups) {
    each_entry(group, 4, [&](const Fields &fields) {
        const Fields members = split(fields[3], ',');
        if (std::find(members.begin(), members.end(), user) != members.end())
            groups.push_back(*parse_id(fields[2]));
    });
}

gid_t group_or_throw(const UserFiles &files, std::string_view name) {
    if (const auto gid = find_group(files.group, name))
        return *gid;
    throw base::Error("unable to find group " + std::string(name) + ": no matching entries in group file",
                      "use a group of the image's /etc/group, or a number", cannot_run);
}

} // namespace

std::optional<std::uint32_t> parse_id(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

Identity resolve_user(const UserFiles &files, std::string_view user,
                      const std::vector<std::string> &group_add) {
    const std::size_t colon = user.find(':');
    const std::string_view name = user.substr(0, colon);
    const std::string_view group = colon == std::string_view::npos ? "" : user.substr(colon + 1);

    Identity identity;
    const auto entry = find_user(files.passwd, name.empty() ? "0" : name);
    if (entry) {
        identity.uid = entry->uid;
        identity.gid = entry->gid;
        identity.home = entry->home;
    } else if (const auto uid = parse_id(name.empty() ? "0" : name)) {
        identity.uid = *uid;
    } else {
        throw base::Error("unable to find user " + std::string(name) + ": no matching entries in passwd file",
                          "use a user of the image's /etc/passwd, or a number", cannot_run);
    }
    if (!group.empty())
        identity.gid = group_or_throw(files, group);
    else if (entry)
        add_memberships(files.group, entry->name, identity.groups);

    for (const std::string &added : group_add)
        identity.groups.push_back(group_or_throw(files, added));
    identity.groups.push_back(identity.gid);
    std::sort(identity.groups.begin(), identity.groups.end());
    identity.groups.erase(std::unique(identity.groups.begin(), identity.groups.end()), identity.groups.end());
    return identity;
}

UserFiles read_user_files(int root) {
    const auto read = [&](const char *path) {
        // Non-blocking: an image may hold a FIFO of that name.
        const base::UniqueFd fd = open_in_root(root, path, O_RDONLY | O_NONBLOCK);
        struct stat status {};
        if (!fd || ::fstat(fd.get(), &status) < 0 || !S_ISREG(status.st_mode))
            return std::string();
        return base::read_all(fd.get(), path);
    };
    return {read("/etc/passwd"), read("/etc/group")};
}

} // namespace container
