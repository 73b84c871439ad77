#include "engine/container/start_failure.hpp"

namespace container {

namespace {

struct StageText {
    StartStage stage;
    const char *doing;
    const char *hint;
};

constexpr StageText texts[] = {
    {StartStage::setup, "set up the process", ""},
    {StartStage::join, "join the namespaces of container", "start that container first"},
    {StartStage::cgroup, "enter the control group", ""},
    {StartStage::rootfs, "mount the root file system", ""},
    {StartStage::mount, "mount", ""},
    {StartStage::sysctl, "set sysctl", "check the name and the value against this kernel"},
    {StartStage::hostname, "set host name", "a host name has at most 64 characters"},
    {StartStage::rlimit, "set ulimit", "the hard limit of this program's own session may be lower"},
    {StartStage::user, "become user", ""},
    {StartStage::capability, "set capabilities", ""},
    {StartStage::seccomp, "install the system call filter", "check the profile named in security_opt"},
    {StartStage::cwd, "change to working directory", "set working_dir to a directory of the image"},
    {StartStage::stdio, "connect standard input and output", ""},
    {StartStage::terminal, "set up the terminal", ""},
};

bool is_missing(int error) {
    return error == ENOENT || error == ENOTDIR;
}

std::string exec_message(const StartFailure &failure) {
    const std::string program = "exec \"" + failure.subject + "\": ";
    if (failure.stage == StartStage::interpreter)
        return program + "the interpreter it names does not exist";
    if (!is_missing(failure.error))
        return program + base::errno_text(failure.error);
    if (failure.subject.find('/') == std::string::npos)
        return program + "executable file not found in $PATH";
    return program + "no such file or directory";
}

bool is_exec(StartStage stage) {
    return stage == StartStage::exec || stage == StartStage::interpreter;
}

const StageText &text_of(StartStage stage) {
    for (const StageText &text : texts)
        if (text.stage == stage)
            return text;
    return texts[0];
}

} // namespace

int StartFailure::exit_code() const {
    if (!is_exec(stage))
        return 128;
    return stage == StartStage::interpreter || is_missing(error) ? 127 : 126;
}

std::string StartFailure::message() const {
    if (is_exec(stage))
        return exec_message(*this);
    return text_of(stage).doing + (subject.empty() ? "" : " " + subject) + ": " + base::errno_text(error);
}

std::string StartFailure::hint() const {
    if (stage == StartStage::interpreter)
        return "install it in the image; in a script, check the first line for Windows line ends";
    if (stage == StartStage::exec)
        return is_missing(error)  ? "check command and entrypoint against what the image holds"
               : error == ENOEXEC ? "it is built for another processor, or is a script without a first line "
                                    "that names its shell"
                                  : "it must be a file with the execute permission";
    if (stage == StartStage::mount && (error == ENOTDIR || error == EISDIR))
        return "source and target must both be directories, or both be files";
    if (stage == StartStage::mount && error == EPERM && (subject == "proc" || subject == "sysfs"))
        return "a user namespace of its own needs a host whose /proc and /sys are whole: nothing may be "
               "mounted "
               "over parts of them";
    return text_of(stage).hint;
}

StartError::StartError(const std::string &prefix, const StartFailure &failure)
    : base::Error(prefix.empty() ? failure.message() : prefix + ": " + failure.message(), failure.hint(),
                  failure.exit_code()),
      failure_(failure) {}

} // namespace container
