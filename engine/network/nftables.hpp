// libnftables, loaded at the first use: commands in nft's own syntax, each text one transaction. A context
// works in the network namespace of the thread that made it.
#pragma once

#include <memory>
#include <optional>
#include <string>

struct nft_ctx;

namespace network {

class Nftables {
  public:
    // @throws base::Error when libnftables is not installed.
    Nftables();

    // All of it takes effect, or nothing. @throws base::Error with nft's own message.
    void run(const std::string &commands, const std::string &purpose);

    // The output of a `list` command, with rule handles; nullopt when the object does not exist.
    [[nodiscard]] std::optional<std::string> list(const std::string &command);

  private:
    struct Free {
        void operator()(nft_ctx *context) const;
    };

    std::unique_ptr<nft_ctx, Free> context_;
};

} // namespace network
