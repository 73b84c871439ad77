// libnftables, loaded at the first use: commands in nft's own syntax, each text one transaction.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

struct nft_ctx;

namespace network {

class Nftables {
  public:
    // All of it takes effect, or nothing. @throws base::Error with nft's own message.
    void run(const std::string &commands, const std::string &purpose);

    // The output of a `list` command, with rule handles; nullopt when the object does not exist.
    [[nodiscard]] std::optional<std::string> list(const std::string &command);

  private:
    friend void with_nftables(const std::function<void(Nftables &)> &work);

    Nftables();

    struct Free {
        void operator()(nft_ctx *context) const;
    };

    std::unique_ptr<nft_ctx, Free> context_;
};

// Runs `work` in the caller's network namespace and waits for it; what it throws is thrown here. It runs on a
// thread with a descriptor table of its own, which holds nothing but the standard streams: libnftables waits
// with select(2), which can't take descriptors of 1024 and more, and a supervisor has many.
// @throws base::Error when libnftables is not installed or the kernel has no nftables.
void with_nftables(const std::function<void(Nftables &)> &work);

} // namespace network
