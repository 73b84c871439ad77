// What the child does between clone and exec, as data. The parent prepares every string, descriptor and
// structure; the child only walks the table, because it shares the parent's memory: it may not allocate,
// lock, throw, or touch errno and other thread-local state.
#pragma once

#include "engine/container/start_failure.hpp"

#include <linux/filter.h>
#include <linux/sched.h>
#include <sys/resource.h>

#include <cstddef>
#include <cstdint>

namespace container {

enum class Op : std::uint8_t {
    write_zero,      // slot: an open `tasks` file
    unshare,         // x: CLONE_NEW*
    setns,           // slot, x: CLONE_NEW*
    become_root,     // of the user namespace
    fork,            // continue in a new process, child of the same parent; this one ends
    umask,           // x
    make_private,    // every mount of this namespace
    stage,           // slot mounted on host path a, for the time being
    unstage,         // host path a
    make_fs,         // file system type a, mount attributes x -> into
    clone_tree,      // detached copy of the mount at path a -> into
    set_attr,        // slot, or path a: mount attributes x are set
    pivot,           // slot becomes /, by way of host path a
    attach,          // slot mounted on a; x: AttachFlag
    open_dir,        // a -> into
    loopback_up,     //
    await,           // the release
    write_at,        // slot: directory, a: name below it, b: value
    set_hostname,    // a
    set_domain,      // a
    new_session,     //
    new_keyring,     //
    set_terminal,    // slot becomes the controlling terminal
    rlimit,          // x: RLIMIT_*, y: index in limits
    stdio,           // slot to descriptor x
    reset_signals,   // none is blocked or ignored any more
    change_dir,      // a; made when it is missing and x is set
    drop_bounding,   // capabilities not in the program's set
    groups,          //
    set_gid,         //
    set_uid,         //
    capabilities,    //
    no_new_privs,    //
    die_with_caller, // killed when the creating thread ends
    seccomp,         //
    execute,         //
};

enum AttachFlag : std::uint64_t {
    attach_make_dir = 1,
    attach_make_file = 2,
    attach_no_symlinks = 4, // no component of the target may be one
};

struct Step {
    Op op;
    StartStage stage;
    int slot = -1;
    int into = -1;
    char *a = nullptr; // writable: the child cuts paths in place
    const char *b = nullptr;
    std::uint64_t x = 0;
    std::uint64_t y = 0;
    const char *subject = nullptr; // for the failure; null is a
    // ENOENT is fine: `into` becomes empty, and steps on an empty slot are skipped.
    bool optional = false;
};

struct DescriptorRange {
    unsigned first;
    unsigned last;
};

// Written to the failure pipe in one piece.
struct FailureFrame {
    StartStage stage;
    std::int32_t error;
    std::uint32_t step;
};

struct ChildProgram {
    const Step *steps = nullptr;
    std::size_t step_count = 0;
    std::size_t next = 0;                  // where run_child() begins
    int *slots = nullptr;                  // descriptors; `into` results are stored here
    const DescriptorRange *gaps = nullptr; // everything the child does not need
    std::size_t gap_count = 0;
    int sync_fd = -1;
    int failure_fd = -1;

    clone_args *fork_args = nullptr;
    volatile int forked_pid = 0; // in the creator's pid namespace

    const rlimit *limits = nullptr;
    const gid_t *groups = nullptr;
    std::size_t group_count = 0;
    uid_t uid = 0;
    gid_t gid = 0;
    std::uint64_t capabilities = 0;
    int last_capability = 0; // of the running kernel
    const sock_fprog *filter = nullptr;

    char *const *candidates = nullptr; // paths to try, null-terminated
    char *const *argv = nullptr;
    char *const *envp = nullptr;
};

// Entry of the child; ends in exec or exit.
void run_child(void *program);

} // namespace container
