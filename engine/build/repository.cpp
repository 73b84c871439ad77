// Files of git repositories.
#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/remove_tree.hpp"
#include "engine/build/program.hpp"
#include "engine/build/remote_files.hpp"
#include "engine/build/remote_place.hpp"
#include "engine/build/root_directory.hpp"
#include "engine/build/step_directory.hpp"
#include "engine/build/text.hpp"
#include "engine/container/rootfs.hpp"

#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <optional>

namespace build {

namespace {

constexpr std::size_t whole_commit = 40; // hex digits of SHA-1; SHA-256 has 64
constexpr std::size_t whole_sha256_commit = 64;

bool is_hex(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_whole_commit(std::string_view text) {
    return is_hex(text) && (text.size() == whole_commit || text.size() == whole_sha256_commit);
}

// The line of `git ls-remote` that tells of a reference.
std::optional<std::string> commit_in(const std::string &listing, const std::string &reference) {
    for (std::size_t at = 0; at < listing.size();) {
        const std::size_t end = std::min(listing.find('\n', at), listing.size());
        const std::string_view line = std::string_view(listing).substr(at, end - at);
        const std::size_t tab = line.find('\t');
        if (tab != std::string_view::npos && line.substr(tab + 1) == reference)
            return std::string(line.substr(0, tab));
        at = end + 1;
    }
    return std::nullopt;
}

// What other downloads go by, and git does not: it knows neither HTTP_PROXY nor SSL_CERT_FILE.
std::vector<std::string> git_environment() {
    std::vector<std::string> env{"GIT_TERMINAL_PROMPT=0", "LC_ALL=C"};
    const auto take = [&](const char *from, const char *to) {
        if (const char *value = std::getenv(from);
            value != nullptr && *value != '\0' && std::getenv(to) == nullptr)
            env.push_back(std::string(to) + "=" + value);
    };
    take("HTTP_PROXY", "http_proxy");
    take("SSL_CERT_FILE", "GIT_SSL_CAINFO");
    return env;
}

class Repository {
  public:
    Repository(const base::Paths &paths, const GitSource &source, const Cancellation &cancellation)
        : paths_(paths), source_(source), cancellation_(cancellation), scratch_(paths),
          work_(scratch_.path() / "files") {
        base::make_dirs(work_);
    }

    RemoteFiles get() {
        std::string commit = resolve();
        if (is_whole_commit(commit)) {
            check_commit(commit);
            if (base::fs::exists(remote_root(paths_) / name_for(commit)))
                return files(commit);
        }
        commit = check_out(commit);
        check_commit(commit);
        keep_remote(paths_, work_, name_for(commit));
        return files(commit);
    }

  private:
    ProgramResult try_git(std::vector<std::string> words) const {
        std::vector<std::string> argv{"git", "-c", "core.hooksPath=/dev/null", "-c",
                                      "advice.detachedHead=false"};
        argv.insert(argv.end(), words.begin(), words.end());
        return run_program({argv, work_, git_environment()}, cancellation_);
    }

    std::string git(const std::vector<std::string> &words) const {
        const ProgramResult result = try_git(words);
        if (result.code != 0)
            throw base::Error("cannot fetch " + shown() + ": git " + words.front()
                                  + " says: " + std::string(trim(result.errors)),
                              "check the address, and that git may read it without being asked");
        return std::string(trim(result.output));
    }

    [[nodiscard]] std::string shown() const { return without_login(source_.repository); }

    // The commit that the reference means now. What is none may be the beginning of a commit's name, which
    // only the repository itself can tell.
    std::string resolve() const {
        const std::string &ref = source_.ref;
        if (is_whole_commit(ref))
            return ref;
        const std::string listing =
            git({"ls-remote", "--", source_.repository, ref.empty() ? "HEAD" : ref, ref + "^{}"});
        if (ref.empty()) {
            if (auto head = commit_in(listing, "HEAD"))
                return *std::move(head);
            throw base::Error(shown() + " has no commits", "name a branch: REPOSITORY#BRANCH");
        }
        // As git-checkout, a branch before a tag of the same name.
        for (const std::string &name : {"refs/heads/" + ref, "refs/tags/" + ref + "^{}", "refs/tags/" + ref,
                                        ref + "^{}", ref, "refs/" + ref})
            if (auto commit = commit_in(listing, name))
                return *std::move(commit);
        if (is_hex(ref))
            return ref;
        throw base::Error(shown() + " has no branch, tag or commit " + ref, "correct what is behind the #");
    }

    // @returns the whole name of the commit.
    std::string check_out(const std::string &wanted) {
        git({"init", "--quiet"});
        git({"remote", "add", "--", "origin", source_.repository});
        const bool alone =
            is_whole_commit(wanted)
            && try_git({"fetch", "--quiet", "--no-tags", "--depth=1", "origin", wanted}).code == 0;
        if (!alone)
            git({"fetch", "--quiet", "--tags", "origin", "+refs/heads/*:refs/remotes/origin/*"});
        git({"checkout", "--quiet", "--detach", wanted});
        std::string commit = git({"rev-parse", "HEAD"});
        if (source_.submodules && base::fs::exists(work_ / ".gitmodules"))
            get_submodules();
        if (!source_.keep_git_dir)
            remove_git(work_);
        return commit;
    }

    // Old protocols and some servers give only what a branch names: then with the whole history.
    void get_submodules() const {
        std::vector<std::string> words{"submodule", "--quiet", "update", "--init", "--recursive"};
        std::vector<std::string> shallow = words;
        shallow.emplace_back("--depth=1");
        if (try_git(shallow).code == 0)
            return;
        git({"submodule", "--quiet", "deinit", "--all", "--force"});
        base::remove_tree(work_ / ".git/modules");
        git(words);
    }

    // Of submodules, too.
    static void remove_git(const base::fs::path &top) {
        std::vector<base::fs::path> found;
        for (auto each = base::fs::recursive_directory_iterator(top);
             each != base::fs::recursive_directory_iterator(); ++each)
            if (each->path().filename() == ".git") {
                found.push_back(each->path());
                each.disable_recursion_pending();
            }
        for (const base::fs::path &path : found)
            base::fs::remove_all(path);
    }

    void check_commit(const std::string &commit) const {
        if (!commit.starts_with(source_.commit))
            throw base::Error(shown() + (source_.ref.empty() ? "" : "#" + source_.ref) + " is the commit "
                                  + commit + ", not " + source_.commit,
                              "correct the checksum, if that is the commit you want");
    }

    [[nodiscard]] std::string name_for(const std::string &commit) const {
        return base::sha256_hex("git 1\n" + source_.repository + "\n" + commit + "\n"
                                + (source_.keep_git_dir ? "1" : "0") + (source_.submodules ? "1" : "0"));
    }

    [[nodiscard]] RemoteFiles files(const std::string &commit) const {
        const std::string name = name_for(commit);
        const base::fs::path top = remote_root(paths_) / name;
        if (source_.directory.empty())
            return {top, ".", name, commit};
        const base::UniqueFd root = base::open_dir(top);
        const base::UniqueFd directory =
            container::open_in_root(root.get(), source_.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (!directory)
            throw base::Error(shown() + " has no directory " + source_.directory + " in commit " + commit,
                              "correct it");
        const std::string path = path_in_root(root.get(), directory.get());
        return {top / path.substr(1), ".", name + path, commit};
    }

    const base::Paths &paths_;
    const GitSource &source_;
    const Cancellation &cancellation_;
    StepDirectory scratch_;
    base::fs::path work_;
};

} // namespace

RemoteFiles fetch_repository(const base::Paths &paths, const GitSource &source,
                             const Cancellation &cancellation) {
    return Repository(paths, source, cancellation).get();
}

} // namespace build
