#include "engine/image/download.hpp"

#include "base/error.hpp"

#include <sys/file.h>

#include <chrono>
#include <fcntl.h>
#include <thread>
#include <unistd.h>

namespace image {

namespace {

constexpr std::chrono::milliseconds lock_interval{50};
constexpr std::int64_t progress_that_counts = 1 << 20;

// The name may belong to another file by now: whoever held the lock published or removed it.
bool still_at(const base::UniqueFd &fd, const base::fs::path &path) {
    struct stat held {};

    struct stat named {};

    return ::fstat(fd.get(), &held) == 0 && ::stat(path.c_str(), &named) == 0 && held.st_ino == named.st_ino
           && held.st_dev == named.st_dev;
}

} // namespace

std::optional<PartialBlob> PartialBlob::open(const Content &content, const Descriptor &blob,
                                             const std::function<void()> &waiting) {
    const base::fs::path path = content.partial(blob.digest);
    for (;;) {
        if (content.size(blob.digest) == blob.size)
            return std::nullopt;
        base::UniqueFd fd = base::open_file(path, O_RDWR | O_CREAT);
        // flock(2) can't be waited on together with a cancellation, hence the short naps.
        while (::flock(fd.get(), LOCK_EX | LOCK_NB) < 0) {
            if (errno != EWOULDBLOCK && errno != EINTR)
                base::throw_errno("lock", path.string());
            waiting();
            std::this_thread::sleep_for(lock_interval);
        }
        if (!still_at(fd, path))
            continue;
        PartialBlob partial(path, content.path(blob.digest), blob, std::move(fd));
        partial.hash_present();
        return partial;
    }
}

void PartialBlob::hash_present() {
    char buffer[65536];
    for (;;) {
        const ssize_t count = ::read(fd_.get(), buffer, sizeof buffer);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            base::throw_errno("read", path_.string());
        if (count == 0)
            break;
        size_ += count;
        if (size_ > blob_.size) {
            restart();
            return;
        }
        hash_.update({buffer, static_cast<std::size_t>(count)});
    }
}

void PartialBlob::append(std::string_view bytes) {
    if (size_ + static_cast<std::int64_t>(bytes.size()) > blob_.size) {
        restart();
        throw base::Error(blob_.digest + " is longer than the " + std::to_string(blob_.size)
                              + " bytes its manifest promises",
                          "the registry is broken or hostile: try another mirror");
    }
    try {
        base::write_all(fd_.get(), bytes, path_.string());
    } catch (const base::SystemError &error) {
        if (error.code() != ENOSPC && error.code() != EDQUOT)
            throw;
        // A full disk is not made better by keeping the part.
        ::unlink(path_.c_str());
        throw base::SystemError("write", error.code(), path_.string(),
                                "free some space, for example with compose image prune, and pull again");
    }
    hash_.update(bytes);
    size_ += static_cast<std::int64_t>(bytes.size());
}

void PartialBlob::restart() {
    base::check(::ftruncate(fd_.get(), 0), "truncate", path_.string());
    base::check(::lseek(fd_.get(), 0, SEEK_SET), "rewind", path_.string());
    hash_ = base::Sha256();
    size_ = 0;
}

bool PartialBlob::commit(std::string &actual_digest) {
    actual_digest = "sha256:" + hash_.hex();
    if (actual_digest != blob_.digest) {
        restart();
        return false;
    }
    if (::rename(path_.c_str(), final_.c_str()) < 0)
        base::throw_errno("store", final_.string());
    return true;
}

HttpResult Downloader::attempt(HttpClient &http, const Descriptor &blob, PartialBlob &partial,
                               const std::function<void(std::int64_t)> &on_bytes) const {
    const auto sink = [&](int status, std::int64_t offset, std::string_view bytes) {
        // A server may ignore the range and send everything, or another one than asked for.
        if (offset != partial.size()) {
            if (status == 206)
                throw base::Error(subject + ": the registry sent another part of " + blob.digest
                                  + " than was asked for");
            if (offset == 0)
                partial.restart();
        }
        partial.append(bytes);
        on_bytes(partial.size());
    };
    return registry.blob(http, blob.digest, partial.size(), sink);
}

bool Downloader::fetch(HttpClient &http, const Descriptor &blob,
                       const std::function<void(DownloadStep, std::int64_t)> &on_step) const {
    const auto step = [&](DownloadStep what, std::int64_t bytes) {
        if (on_step)
            on_step(what, bytes);
    };
    auto partial = PartialBlob::open(content, blob, [&] {
        check();
        step(DownloadStep::waiting, 0);
    });
    if (!partial)
        return false;

    bool resumed = partial->size() > 0;
    int attempts = 0;
    for (;;) {
        if (!partial->complete()) {
            const std::int64_t before = partial->size();
            const HttpResult result = attempt(
                http, blob, *partial, [&](std::int64_t bytes) { step(DownloadStep::downloading, bytes); });
            if (partial->size() >= before + progress_that_counts)
                attempts = 0;
            const bool answered =
                !result.error && (result.response.status == 200 || result.response.status == 206);
            if (!result.error && result.response.status == 416) {
                partial->restart();
            } else if (!answered) {
                registry.wait_or_throw(http, result, ++attempts, subject);
                continue;
            }
        }
        if (!partial->complete()) {
            // The connection ended early without an error that says so.
            const HttpResult cut{{},
                                 TransportError{TransportFailure::interrupted, "the transfer ended early"}};
            registry.wait_or_throw(http, cut, ++attempts, subject);
            continue;
        }
        step(DownloadStep::verifying, partial->size());
        std::string actual;
        if (partial->commit(actual))
            return true;
        // What an earlier, interrupted try left may be at fault: once more from the beginning.
        if (!resumed)
            throw_wrong_digest(subject + ": a blob", blob.digest, actual);
        resumed = false;
    }
}

} // namespace image
