#include "base/remove_tree.hpp"

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/fd.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <dirent.h>
#include <exception>
#include <fcntl.h>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <vector>

namespace base {

namespace {

constexpr std::size_t most_threads = 16;
// A tree that is gone by then is not worth a thread.
constexpr std::chrono::microseconds patience(300);
// Directories open at once on the way down, for each thread.
constexpr std::size_t most_depth = 64;
// Entries known and not yet begun: beyond that whoever reads a directory removes what it reads.
constexpr std::size_t most_waiting = 512;

struct Directory;
using DirectoryPtr = std::shared_ptr<Directory>;

struct Entry {
    DirectoryPtr in; // null for the tree itself
    std::string name;
};

// A directory whose entries are being removed.
struct Directory {
    Entry self;
    std::size_t depth = 0;
    UniqueFd fd;
    std::atomic<std::size_t> left = 1; // its entries that are still there, and one while it is being read
};

int fd_of(const DirectoryPtr &directory) {
    return directory ? directory->fd.get() : AT_FDCWD;
}

std::string shown(const Entry &entry) {
    std::string path = entry.name;
    for (const Directory *up = entry.in.get(); up != nullptr; up = up->self.in.get())
        path.insert(0, up->self.name + "/");
    return path;
}

// False when it is a directory.
bool unlink_file(const Entry &entry) {
    if (::unlinkat(fd_of(entry.in), entry.name.c_str(), 0) == 0 || errno == ENOENT)
        return true;
    if (errno == EISDIR || errno == EPERM)
        return false;
    throw_errno("remove", shown(entry));
}

// An entry of its directory is gone. With the last one the directory goes, too, and then perhaps the one
// above.
void entry_gone(DirectoryPtr directory) {
    while (directory && --directory->left == 0) {
        directory->fd.reset();
        const Entry self = directory->self;
        if (::unlinkat(fd_of(self.in), self.name.c_str(), AT_REMOVEDIR) < 0 && errno != ENOENT)
            throw_errno("remove", shown(self));
        directory = self.in;
    }
}

class Removal {
  public:
    explicit Removal(std::string path) { waiting_.push_back({nullptr, std::move(path)}); }

    void run() {
        work();
        threads_.clear(); // joins
        if (failure_)
            std::rethrow_exception(failure_);
    }

  private:
    // Removes entries until none is left or one has failed.
    void work() {
        std::unique_lock lock(mutex_);
        for (;;) {
            more_.wait(lock, [this] { return !waiting_.empty() || busy_ == 0; });
            if (waiting_.empty())
                return;
            // The newest first: what was begun is done before its neighbour is opened.
            Entry entry = std::move(waiting_.back());
            waiting_.pop_back();
            ++busy_;
            add_thread();
            lock.unlock();
            attempt(std::move(entry));
            lock.lock();
            if (--busy_ == 0)
                more_.notify_all();
        }
    }

    void add_thread() {
        if (waiting_.empty() || threads_.size() + 1 >= most_threads
            || std::chrono::steady_clock::now() - begun_ < patience)
            return;
        try {
            threads_.emplace_back([this] { work(); });
        } catch (const std::system_error &) {
            begun_ = std::chrono::steady_clock::time_point::max(); // the ones there are do it, too
        }
    }

    void attempt(Entry entry) {
        try {
            remove(std::move(entry));
        } catch (...) {
            const std::lock_guard lock(mutex_);
            if (!failure_)
                failure_ = std::current_exception();
            waiting_.clear();
        }
    }

    void remove(Entry entry) {
        if (unlink_file(entry))
            return entry_gone(std::move(entry.in));
        if (entry.in && entry.in->depth == most_depth)
            return move_up(entry);
        const auto directory = std::make_shared<Directory>();
        directory->depth = entry.in ? entry.in->depth + 1 : 0;
        directory->fd = UniqueFd(
            ::openat(fd_of(entry.in), entry.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!directory->fd)
            throw_errno("remove", shown(entry));
        directory->self = std::move(entry);
        if (!directory->self.in)
            top_ = directory;
        remove_children(directory);
        entry_gone(directory);
    }

    void move_up(const Entry &entry) {
        const std::string name = "deep." + random_hex(16);
        ++top_->left;
        if (::renameat(entry.in->fd.get(), entry.name.c_str(), top_->fd.get(), name.c_str()) < 0)
            throw_errno("remove", shown(entry));
        {
            // Not by this thread now: it would go down as deep again.
            const std::lock_guard lock(mutex_);
            waiting_.push_back({top_, name});
            more_.notify_one();
        }
        entry_gone(entry.in);
    }

    void remove_children(const DirectoryPtr &directory) {
        const auto close = [](DIR *stream) { ::closedir(stream); };
        UniqueFd own = directory->fd.duplicate();
        const std::unique_ptr<DIR, decltype(close)> stream(::fdopendir(own.get()), close);
        if (!stream)
            throw_errno("read directory", shown(directory->self));
        (void)own.release();
        while (const dirent *found = ::readdir(stream.get())) {
            const std::string_view name = found->d_name;
            if (name == "." || name == "..")
                continue;
            ++directory->left;
            add({directory, std::string(name)});
        }
    }

    void add(Entry entry) {
        {
            const std::lock_guard lock(mutex_);
            if (failure_)
                return;
            if (waiting_.size() < most_waiting) {
                waiting_.push_back(std::move(entry));
                more_.notify_one();
                return;
            }
        }
        remove(std::move(entry));
    }

    std::mutex mutex_; // guards what follows
    std::condition_variable more_;
    std::vector<Entry> waiting_;
    std::size_t busy_ = 0; // threads that are at an entry
    std::exception_ptr failure_;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
    std::vector<std::jthread> threads_;

    DirectoryPtr top_; // written before there is a second thread
};

} // namespace

void remove_tree(const std::filesystem::path &path) {
    Removal(path.string()).run();
}

} // namespace base
