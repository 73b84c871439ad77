// One HTTP exchange at a time over libcurl (opened at first use): TLS, proxies from the environment,
// redirects that don't carry a login to another host. Blocks, but gives up at once when cancelled. One object
// per thread; it keeps its connection between requests.
#pragma once

#include "engine/image/byte_source.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace image {

struct HttpRequest {
    std::string method = "GET"; // GET, HEAD, POST, PUT or PATCH
    std::string url;
    std::vector<std::string> headers; // "Name: value"
    std::string body;                 // of a POST
    // The body of a PUT or PATCH, made anew for each time the request is sent; what it throws ends the
    // transfer. Such a request follows no redirect.
    std::function<std::unique_ptr<ByteSource>()> open_body;
    std::int64_t body_size = -1; // of what open_body gives; -1: as much as it gives, sent in chunks
    bool verify_tls = true;
    std::int64_t range_from = 0; // bytes from here on when not 0
    // Receives the body of a 200 or 206 instead of HttpResponse::body; told the status and the offset the
    // body begins at. May throw to stop the transfer.
    std::function<void(int status, std::int64_t offset, std::string_view bytes)> on_body;
};

struct HttpResponse {
    int status = 0;
    std::map<std::string, std::string> headers; // keys in lower case; several values joined by ", "
    std::string body;                           // at most 4 MiB
    std::optional<std::chrono::seconds> retry_after;

    [[nodiscard]] std::string header(const std::string &name) const;
};

// What went wrong below HTTP.
enum class TransportFailure {
    unreachable, // no address, refused, no route, proxy
    tls,         // handshake or certificate
    interrupted, // reset, stalled, cut short: worth another try
    other,
};

struct TransportError {
    TransportFailure failure = TransportFailure::other;
    std::string text;
};

struct HttpResult {
    HttpResponse response;
    std::optional<TransportError> error; // the response may be partly there
};

struct HttpSettings {
    std::chrono::seconds stall_timeout{30};
    std::chrono::seconds connect_timeout{15};
    // Throws to cancel; called several times a second and when cancel_fd is readable.
    std::function<void()> check;
    int cancel_fd = -1;
};

class HttpClient {
  public:
    explicit HttpClient(HttpSettings settings);
    ~HttpClient();
    HttpClient(const HttpClient &) = delete;
    HttpClient &operator=(const HttpClient &) = delete;

    // @throws base::Error when libcurl is missing, and whatever check or on_body throw.
    HttpResult perform(const HttpRequest &request);

    // Waits, or throws what check throws.
    void sleep(std::chrono::milliseconds time) const;

  private:
    struct Handles;
    HttpSettings settings_;
    std::unique_ptr<Handles> handles_;
};

// For a query or form value.
[[nodiscard]] std::string percent_encode(std::string_view text);

} // namespace image
