#include "engine/container/file_system_ids.hpp"

#include "base/error.hpp"

#include <linux/capability.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>

#include <cerrno>
#include <unistd.h>

namespace container {

namespace {

// The kernel takes those that concern files from who is not root to file systems; they are still permitted.
void use_all_permitted() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2];
    base::check(::syscall(SYS_capget, &header, data), "read capabilities", "");
    for (__user_cap_data_struct &half : data)
        half.effective = half.permitted;
    base::check(::syscall(SYS_capset, &header, data), "set capabilities", "");
}

} // namespace

FileSystemIds::FileSystemIds(Owner owner)
    : before_{static_cast<uid_t>(::setfsuid(owner.uid)), static_cast<gid_t>(::setfsgid(owner.gid))} {
    constexpr uid_t ask = static_cast<uid_t>(-1);
    if (static_cast<uid_t>(::setfsuid(ask)) != owner.uid)
        throw base::SystemError("become", EPERM, "user " + std::to_string(owner.uid), "run as root");
    use_all_permitted();
}

FileSystemIds::~FileSystemIds() {
    ::setfsuid(before_.uid);
    ::setfsgid(before_.gid);
}

} // namespace container
