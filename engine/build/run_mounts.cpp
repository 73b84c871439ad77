#include "engine/build/run_mounts.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/build/cache_directory.hpp"
#include "engine/build/content_digest.hpp"
#include "engine/build/context_view.hpp"
#include "engine/build/slash_path.hpp"
#include "engine/container/detached_mount.hpp"
#include "engine/container/rootfs.hpp"

#include <fcntl.h>

namespace build {

namespace {

constexpr std::uint32_t secret_mode = 0400;
constexpr std::uint32_t agent_mode = 0600;
constexpr const char *agent_target = "/run/buildkit/ssh_agent."; // as BuildKit's, with a number behind it

class Preparation {
  public:
    explicit Preparation(const RunMountContext &context) : context_(context) {}

    void add(const RunStep::From &from) {
        switch (from.mount.type) {
        case Mount::Type::bind:
            return bind(from);
        case Mount::Type::cache:
            return cache(from);
        case Mount::Type::tmpfs:
            return tmpfs(from.mount);
        case Mount::Type::secret:
            return secret(from.mount);
        case Mount::Type::ssh:
            return ssh(from.mount);
        }
    }

    RunMounts take() { return std::move(mounts_); }

  private:
    base::fs::path new_directory() {
        base::fs::path path = context_.scratch / ("mount" + std::to_string(count_++));
        base::make_dirs(path);
        return path;
    }

    void bind(const RunStep::From &from) {
        const OriginFiles files = context_.open(from.origin);
        const Mount &mount = from.mount;
        const ViewRequest request{files, mount.source, mount.read_only, new_directory()};
        mounts_.trees[mount.target] = view_of(request);
    }

    void cache(const RunStep::From &from) {
        const Mount &mount = from.mount;
        CacheDirectory directory = open_cache({context_.paths, from, context_.open, context_.cancellation});
        container::BindMount bind;
        bind.source = directory.path.string();
        mounts_.mounts.push_back({mount.target, mount.read_only, std::move(bind)});
        mounts_.held.push_back(std::move(directory.lock));
    }

    void tmpfs(const Mount &mount) {
        container::TmpfsMount tmpfs;
        if (mount.size.value > 0)
            tmpfs.size = mount.size;
        tmpfs.exec = true;
        mounts_.mounts.push_back({mount.target, false, tmpfs});
    }

    void secret(const Mount &mount) {
        const auto found = context_.secrets.find(mount.id);
        if (found == context_.secrets.end()) {
            if (mount.required)
                throw base::Error("the secret \"" + mount.id + "\" is required and not given",
                                  "add it to `secrets` of the service's `build`");
            return;
        }
        const Secret &secret = found->second;
        if (mount.env)
            mounts_.env.push_back(*mount.env + "=" + secret.content);
        if (!mount.target.empty())
            mounts_.files.push_back({mount.target, mount.uid.value_or(secret.uid.value_or(0)),
                                     mount.gid.value_or(secret.gid.value_or(0)),
                                     mount.mode.value_or(secret.mode.value_or(secret_mode)), secret.content});
    }

    void ssh(const Mount &mount) {
        const auto agent = context_.agents.find(mount.id);
        if (!agent) {
            if (mount.required)
                throw base::Error("the ssh agent \"" + mount.id + "\" is required and not given",
                                  "add it to `ssh` of the service's `build`");
            return;
        }
        const base::fs::path directory = new_directory();
        mounts_.agents.push_back(
            std::make_unique<AgentRelay>(directory / "agent", *agent,
                                         AgentRelay::Rights{mount.uid.value_or(0), mount.gid.value_or(0),
                                                            mount.mode.value_or(agent_mode)}));
        const std::string target =
            mount.target.empty() ? agent_target + std::to_string(mounts_.agents.size() - 1) : mount.target;
        const base::UniqueFd opened = base::open_dir(directory);
        mounts_.trees[target] = container::clone_tree(opened.get(), "agent", {.recursive = false}, target);
        if (mounts_.agents.size() == 1)
            mounts_.env.push_back("SSH_AUTH_SOCK=" + target);
    }

    const RunMountContext &context_;
    RunMounts mounts_;
    std::size_t count_ = 0;
};

} // namespace

RunMounts prepare_mounts(const RunStep &run, const RunMountContext &context) {
    Preparation preparation(context);
    for (const RunStep::From &from : run.mounts)
        preparation.add(from);
    return preparation.take();
}

std::string bound_content(const RunStep::From &from, const OpenOrigin &open) {
    const OriginFiles files = open(from.origin);
    const std::string source = clean_path("/" + from.mount.source);
    if (files.context == nullptr)
        return files.layers.chain_id() + source;
    const SourceTree tree = open_tree(files);
    return content_digest(tree, {tree.select(source)}, {}, *files.context->cache);
}

std::string mounts_key(const RunStep &run, const BoundContent &bound) {
    std::string key;
    for (const RunStep::From &from : run.mounts) {
        const Mount &mount = from.mount;
        key += std::to_string(static_cast<int>(mount.type)) + '\0' + mount.target + '\0' + mount.id + '\0'
               + (mount.read_only ? "ro" : "rw") + '\0' + mount.env.value_or("") + '\0'
               + std::to_string(mount.size.value) + '\0';
        if (mount.type == Mount::Type::bind)
            key += bound(from);
        key += '\n';
    }
    return key;
}

} // namespace build
