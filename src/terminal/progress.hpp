// Progress of long work: alive on a terminal, plain lines in a pipe, JSON on request. Goes to stderr.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

namespace cli {

enum class ProgressState { working, done, warning, error };

struct ProgressEvent {
    std::string id;     // "Container demo-web-1"
    std::string parent; // the id of which this is a detail (a layer of an image), or empty
    ProgressState state = ProgressState::working;
    std::string text;   // "Creating", "Started"
    std::string detail; // an error's sentence
    std::uint64_t current = 0;
    std::uint64_t total = 0; // 0: unknown
    // Of a live picture only:
    bool lasting = false;          // a detail that stays when what it is part of is over
    std::vector<std::string> tail; // what it printed last, shown while it works
};

enum class ProgressMode { automatic, tty, plain, json, quiet };

class Progress {
  public:
    // Writes to this descriptor.
    explicit Progress(int fd) : fd_(fd) {}

    virtual ~Progress() = default;
    virtual void event(const ProgressEvent &event) = 0;

    // Whether it is a picture that is drawn again and again.
    [[nodiscard]] virtual bool is_live() const { return false; }

    // Redraws what moves; call it about ten times a second while something is going on.
    virtual void tick() {}

    // Leaves the final picture on the screen; later events start a new one.
    virtual void finish() {}

    // A line for the user beside the progress ("warning: ...").
    virtual void message(const std::string &line) = 0;

  protected:
    [[nodiscard]] int fd() const { return fd_; }

  private:
    int fd_;
};

// title: "Running", "Pulling". fd: standard error, or standard output where the user wants it there.
[[nodiscard]] std::unique_ptr<Progress> make_progress(ProgressMode mode, const std::string &title,
                                                      int fd = STDERR_FILENO);

} // namespace cli
