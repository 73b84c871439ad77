#include "engine/network/nftables.hpp"

#include "base/error.hpp"

#include <climits>
#include <nftables/libnftables.h>

#include <linux/close_range.h>

#include <dlfcn.h>
#include <exception>
#include <future>
#include <thread>
#include <unistd.h>

namespace network {

namespace {

struct Library {
    decltype(&::nft_ctx_new) ctx_new;
    decltype(&::nft_ctx_free) ctx_free;
    decltype(&::nft_ctx_output_set_flags) set_flags;
    decltype(&::nft_ctx_buffer_output) buffer_output;
    decltype(&::nft_ctx_buffer_error) buffer_error;
    decltype(&::nft_ctx_get_output_buffer) output;
    decltype(&::nft_ctx_get_error_buffer) error;
    decltype(&::nft_run_cmd_from_buffer) run;
};

template <typename Function>
void resolve(void *handle, const char *name, Function &function) {
    function = reinterpret_cast<Function>(::dlsym(handle, name));
    if (function == nullptr)
        throw base::Error(std::string("libnftables.so.1 lacks ") + name, "install the package libnftables1");
}

Library load() {
    void *handle = ::dlopen("libnftables.so.1", RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr)
        throw base::Error(std::string("the firewall can't be set up: ") + ::dlerror(),
                          "install the package libnftables1");
    Library library{};
    resolve(handle, "nft_ctx_new", library.ctx_new);
    resolve(handle, "nft_ctx_free", library.ctx_free);
    resolve(handle, "nft_ctx_output_set_flags", library.set_flags);
    resolve(handle, "nft_ctx_buffer_output", library.buffer_output);
    resolve(handle, "nft_ctx_buffer_error", library.buffer_error);
    resolve(handle, "nft_ctx_get_output_buffer", library.output);
    resolve(handle, "nft_ctx_get_error_buffer", library.error);
    resolve(handle, "nft_run_cmd_from_buffer", library.run);
    return library;
}

const Library &library() {
    static const Library loaded = load();
    return loaded;
}

// nft's message without the quoted ruleset under it.
std::string first_line(const std::string &text) {
    return text.substr(0, text.find('\n'));
}

} // namespace

void Nftables::Free::operator()(nft_ctx *context) const {
    library().ctx_free(context);
}

Nftables::Nftables() : context_(library().ctx_new(NFT_CTX_DEFAULT)) {
    if (!context_)
        throw base::Error("the firewall can't be set up: nftables is not available",
                          "load the kernel module nf_tables");
    library().set_flags(context_.get(), NFT_CTX_OUTPUT_HANDLE | NFT_CTX_OUTPUT_STATELESS);
    if (library().buffer_output(context_.get()) != 0 || library().buffer_error(context_.get()) != 0)
        throw base::Error("the firewall can't be set up: out of memory");
}

void Nftables::run(const std::string &commands, const std::string &purpose) {
    if (library().run(context_.get(), commands.c_str()) == 0)
        return;
    const std::string message = library().error(context_.get());
    std::string hint = "is the kernel's nftables complete (nf_tables, nft_nat, nft_masq, nft_fib_inet)?";
    if (message.find("Operation not permitted") != std::string::npos)
        hint = "run compose as root";
    throw base::Error(purpose + ": " + first_line(message), hint);
}

std::optional<std::string> Nftables::list(const std::string &command) {
    const bool found = library().run(context_.get(), command.c_str()) == 0;
    // Reading a buffer empties it.
    std::string text = library().output(context_.get());
    (void)library().error(context_.get());
    if (!found)
        return std::nullopt;
    return text;
}

void with_nftables(const std::function<void(Nftables &)> &work) {
    std::promise<void> done;
    std::future<void> result = done.get_future();
    std::thread([&work, done = std::move(done)]() mutable {
        try {
            base::check(::close_range(STDERR_FILENO + 1, UINT_MAX, CLOSE_RANGE_UNSHARE), "close",
                        "inherited descriptors");
            Nftables session;
            work(session);
            // The rules stand. To close the session's socket takes 8 to 16 ms more, in which the kernel frees
            // what they replaced: nobody has to wait for that.
            done.set_value();
        } catch (...) {
            done.set_exception(std::current_exception());
        }
    }).detach();
    result.get();
}

} // namespace network
