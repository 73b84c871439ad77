#include "engine/image/transfer.hpp"

#include <poll.h>

namespace image {

HttpSettings http_settings(const TransferOptions &options, const std::string &subject) {
    const auto check = [flag = options.cancelled, fd = options.cancel_fd, subject] {
        pollfd ready{fd, POLLIN, 0};
        const bool signalled = fd >= 0 && ::poll(&ready, 1, 0) > 0;
        if (signalled || (flag != nullptr && flag->load(std::memory_order_relaxed)))
            throw Cancelled(subject);
    };
    return {options.stall_timeout, options.connect_timeout, check, options.cancel_fd};
}

RetryPolicy retry_policy(const TransferOptions &options) {
    return {options.attempts, options.backoff, options.retry_after_limit};
}

bool is_worth_another(const Endpoint &endpoint, const base::Error &error) {
    const auto *refusal = dynamic_cast<const RegistryError *>(&error);
    return endpoint.mirror
           || (refusal != nullptr
               && (refusal->kind() == RegistryError::Kind::unreachable
                   || refusal->kind() == RegistryError::Kind::tls));
}

} // namespace image
