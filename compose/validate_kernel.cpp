// What the kernel, or Docker's engine, has a list of names for or a notation of its own: capabilities,
// limits, signals, sysctls, rules for devices, options of tmpfs, security and logs.
#include "base/suggest.hpp"
#include "base/units.hpp"
#include "compose/decode_values.hpp"
#include "compose/scalar.hpp"
#include "compose/validate_rules.hpp"
#include "compose/values.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>

namespace compose {

namespace {

using Names = std::vector<std::string>;

// capabilities(7), without CAP_.
const Names &capabilities() {
    static const Names names{"ALL",
                             "AUDIT_CONTROL",
                             "AUDIT_READ",
                             "AUDIT_WRITE",
                             "BLOCK_SUSPEND",
                             "BPF",
                             "CHOWN",
                             "DAC_OVERRIDE",
                             "DAC_READ_SEARCH",
                             "FOWNER",
                             "FSETID",
                             "IPC_LOCK",
                             "IPC_OWNER",
                             "KILL",
                             "LEASE",
                             "LINUX_IMMUTABLE",
                             "MAC_ADMIN",
                             "MAC_OVERRIDE",
                             "MKNOD",
                             "NET_ADMIN",
                             "NET_BIND_SERVICE",
                             "NET_BROADCAST",
                             "NET_RAW",
                             "PERFMON",
                             "SETFCAP",
                             "SETGID",
                             "SETPCAP",
                             "SETUID",
                             "SYSLOG",
                             "SYS_ADMIN",
                             "SYS_BOOT",
                             "SYS_CHROOT",
                             "SYS_MODULE",
                             "SYS_NICE",
                             "SYS_PACCT",
                             "SYS_PTRACE",
                             "SYS_RAWIO",
                             "SYS_RESOURCE",
                             "SYS_TIME",
                             "SYS_TTY_CONFIG",
                             "WAKE_ALARM",
                             "CHECKPOINT_RESTORE"};
    return names;
}

// setrlimit(2), without RLIMIT_.
const Names &user_limits() {
    static const Names names{"as",   "core",   "cpu",   "data", "fsize",  "locks",  "memlock",    "msgqueue",
                             "nice", "nofile", "nproc", "rss",  "rtprio", "rttime", "sigpending", "stack"};
    return names;
}

const Names &tmpfs_options() {
    static const Names names{"size",     "mode",        "uid",       "gid",           "ro",
                             "rw",       "exec",        "noexec",    "suid",          "nosuid",
                             "dev",      "nodev",       "nr_inodes", "nr_blocks",     "atime",
                             "noatime",  "strictatime", "diratime",  "nostrictatime", "nodiratime",
                             "relatime", "norelatime"};
    return names;
}

bool contains(const Names &names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return text;
}

bool is_signal(const std::string &text) {
    if (const auto number = parse_integer(text))
        return *number >= 1 && *number <= 64;
    std::string name = upper(text);
    if (name.starts_with("SIG"))
        name.erase(0, 3);
    if (name.starts_with("RTMIN") || name.starts_with("RTMAX"))
        return true;
    for (int signal = 1; signal < NSIG; ++signal)
        if (const char *known = ::sigabbrev_np(signal); known != nullptr && name == known)
            return true;
    return false;
}

class KernelCheck {
  public:
    KernelCheck(const ServiceView &service, Diagnostics &diagnostics)
        : service_(service), diagnostics_(diagnostics) {}

    void all() {
        for (const char *attribute : {"cap_add", "cap_drop"})
            for (const Node &item : items_of(service_.node, attribute))
                capability(item, attribute);
        for (const Member &member : members_of(service_.node, "ulimits"))
            if (!contains(user_limits(), member.key))
                error(member.key_location, "ulimits", "there is no limit \"" + member.key + "\"",
                      suggestion(member.key, user_limits(),
                                 "limits are named as in setrlimit(2), e.g. nofile"));
        if (const Node *signal = service_.find("stop_signal");
            signal != nullptr && !signal->text.empty() && !is_unresolved(*signal) && !is_signal(signal->text))
            error(signal->location, "stop_signal", "stop_signal cannot be \"" + signal->text + "\"",
                  "write a name such as SIGINT, or a number");
        for (const Member &member : members_of(service_.node, "sysctls"))
            sysctl(member);
        for (const Node &item : items_of(service_.node, "security_opt"))
            security(item);
        for (const Node &item : items_of(service_.node, "tmpfs"))
            tmpfs(item);
        logging();
    }

  private:
    void error(const Location &at, std::string_view attribute, const std::string &message,
               const std::string &hint) {
        diagnostics_.error(at, service_.path(attribute), message, hint);
    }

    static std::string suggestion(const std::string &word, const Names &known, const std::string &otherwise) {
        const std::string near = base::did_you_mean(word, known);
        return near.empty() ? otherwise : near;
    }

    void capability(const Node &item, const char *attribute) {
        std::string name = upper(item.text);
        if (name.starts_with("CAP_"))
            name.erase(0, 4);
        if (!is_unresolved(item) && !contains(capabilities(), name))
            error(item.location, attribute, "there is no capability \"" + item.text + "\"",
                  suggestion(name, capabilities(), "capabilities(7) lists them; ALL is every one"));
    }

    // Only what each network or ipc namespace has of its own may be set.
    void sysctl(const Member &member) {
        const std::string &name = member.key;
        const bool network = name.starts_with("net.");
        const bool ipc = name.starts_with("fs.mqueue.") || name.starts_with("kernel.msg")
                         || name.starts_with("kernel.shm") || name == "kernel.sem";
        if (!network && !ipc)
            return error(member.key_location, "sysctls", "sysctl " + name + " is one for all containers",
                         "set it on this machine; a service may set net.*, fs.mqueue.*, kernel.msg*, "
                         "kernel.shm* and kernel.sem");
        const char *attribute = network ? "network_mode" : "ipc";
        const Node *mode = service_.find(attribute);
        const bool shared = mode != nullptr
                            && (mode->text == "host" || mode->text.starts_with("service:")
                                || mode->text.starts_with("container:"));
        if (!shared)
            return;
        diagnostics_
            .error(member.key_location, service_.path("sysctls"),
                   "sysctl " + name + " cannot be set with " + attribute + " \"" + mode->text + "\"",
                   mode->text == "host" ? "set it on this machine" : "set it where the namespace belongs")
            .notes.push_back({mode->location, std::string(attribute) + " is given here"});
    }

    void security(const Node &item) {
        const auto split = item.text.find_first_of("=:");
        const std::string key = item.text.substr(0, split);
        const std::string value = split == std::string::npos ? "" : item.text.substr(split + 1);
        static const Names known{"no-new-privileges", "seccomp", "systempaths", "apparmor", "label"};
        if (is_unresolved(item))
            return;
        if (!contains(known, key))
            error(item.location, "security_opt", "unknown security_opt \"" + item.text + "\"",
                  suggestion(key, known,
                             "use no-new-privileges, seccomp=FILE, seccomp=unconfined or "
                             "systempaths=unconfined"));
        else if (key == "no-new-privileges" && !value.empty() && value != "true" && value != "false")
            error(item.location, "security_opt", "no-new-privileges cannot be \"" + value + "\"",
                  "write no-new-privileges:true");
        else if (key != "no-new-privileges" && value.empty())
            error(item.location, "security_opt", key + " needs a value", "write " + key + "=unconfined");
        else if (key == "apparmor" && value != "unconfined")
            diagnostics_.unsupported(item.location, service_.path("security_opt"),
                                     "profiles of AppArmor are not supported yet",
                                     "use apparmor=unconfined, or leave it out");
    }

    void tmpfs(const Node &item) {
        const auto colon = item.text.find(':');
        const std::string target = item.text.substr(0, colon);
        if (!target.starts_with('/') && !is_unresolved(item))
            error(item.location, "tmpfs", "the target \"" + target + "\" is not absolute",
                  "start it with \"/\"");
        std::string_view rest =
            colon == std::string::npos ? std::string_view() : std::string_view(item.text).substr(colon + 1);
        while (!rest.empty()) {
            const auto comma = rest.find(',');
            const std::string_view option = rest.substr(0, comma);
            rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
            const auto equals = option.find('=');
            tmpfs_option(item, std::string(option.substr(0, equals)),
                         equals == std::string_view::npos ? "" : std::string(option.substr(equals + 1)));
        }
    }

    void tmpfs_option(const Node &item, const std::string &name, const std::string &value) {
        if (is_unresolved(item))
            return;
        if (!contains(tmpfs_options(), name))
            return error(item.location, "tmpfs", "unknown tmpfs option \"" + name + "\"",
                         suggestion(name, tmpfs_options(), "known are size, mode, uid, gid, ro and noexec"));
        const bool number = !value.empty() && value.find_first_not_of("0123456789") == std::string::npos;
        const bool sized = name == "size" || name == "nr_inodes" || name == "nr_blocks";
        const bool wrong = (sized && !base::parse_bytes(value))
                           || ((name == "mode" || name == "uid" || name == "gid") && !number)
                           || (name == "mode" && value.find_first_of("89") != std::string::npos);
        if (wrong)
            error(item.location, "tmpfs", name + " cannot be \"" + value + "\"",
                  "e.g. \"/run:size=64m,mode=1770,uid=1000\"");
    }

    void logging() {
        const Node *logging = service_.find("logging");
        if (logging == nullptr)
            return;
        const Node *driver = logging->find("driver");
        if (driver != nullptr && !is_unresolved(*driver) && !driver->text.empty()
            && !contains(drivers(), driver->text))
            diagnostics_.unsupported(driver->location, service_.path("logging"),
                                     "logging driver \"" + driver->text + "\" is not supported yet",
                                     suggestion(driver->text, drivers(), "use json-file, local or none"));
        else
            for (const Member &member : members_of(*logging, "options"))
                log_option(member);
    }

    static const Names &drivers() {
        static const Names names{"json-file", "local", "none"};
        return names;
    }

    void log_option(const Member &member) {
        const Node &value = member.value;
        const std::string &name = member.key;
        if (is_unresolved(value))
            return;
        const auto size = base::parse_bytes(value.text);
        const auto count = parse_integer(value.text);
        if (name == "max-size" && value.text != "-1" && (!size || size->value == 0))
            error(value.location, "logging.options", "max-size cannot be \"" + value.text + "\"",
                  "write a size such as 10m");
        else if (name == "max-file" && (!count || *count < 1))
            error(value.location, "logging.options", "max-file cannot be \"" + value.text + "\"",
                  "it is 1 or more");
        else if (name != "max-size" && name != "max-file")
            diagnostics_.warning(member.key_location, service_.path("logging.options"),
                                 name + " has no effect",
                                 suggestion(name, {"max-size", "max-file"}, "max-size and max-file do"));
    }

    const ServiceView &service_;
    Diagnostics &diagnostics_;
};

} // namespace

void check_kernel_names(const ServiceView &service, Diagnostics &diagnostics) {
    KernelCheck(service, diagnostics).all();
}

} // namespace compose
