#include "engine/image/http.hpp"

#include "base/error.hpp"
#include "engine/image/curl_table.hpp"
#include "engine/image/registry_config.hpp"

#include <array>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <exception>
#include <poll.h>

namespace image {

namespace {

constexpr std::size_t largest_body = 4 << 20;
constexpr int tick_ms = 100;
constexpr long most_redirects = 10;
constexpr long receive_buffer = 256 * 1024;
constexpr long send_buffer = 256 * 1024;

// One exchange under way. Callbacks run inside C: what they throw is kept.
struct Exchange {
    const HttpRequest &request;
    HttpResponse response{};
    std::int64_t offset = 0;
    std::unique_ptr<ByteSource> body{};
    std::exception_ptr failure{};
};

// "bytes 100-199/200" -> 100.
std::int64_t range_start(const std::string &content_range) {
    std::int64_t start = 0;
    constexpr std::string_view unit = "bytes ";
    if (content_range.starts_with(unit))
        std::from_chars(content_range.data() + unit.size(), content_range.data() + content_range.size(),
                        start);
    return start;
}

void take_header_line(HttpResponse &response, std::string_view line) {
    while (line.ends_with('\n') || line.ends_with('\r'))
        line.remove_suffix(1);
    if (line.starts_with("HTTP/")) { // of the next hop of a redirect
        response.headers.clear();
        const auto space = line.find(' ');
        response.status = 0;
        if (space != std::string_view::npos)
            std::from_chars(line.data() + space + 1, line.data() + line.size(), response.status);
        return;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos)
        return;
    std::string name(line.substr(0, colon));
    for (char &c : name)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    line.remove_prefix(colon + 1);
    while (line.starts_with(' ') || line.starts_with('\t'))
        line.remove_prefix(1);
    std::string &value = response.headers[name];
    value += (value.empty() ? "" : ", ") + std::string(line);
}

std::size_t on_header(char *data, std::size_t size, std::size_t count, void *self) {
    auto &exchange = *static_cast<Exchange *>(self);
    take_header_line(exchange.response, {data, size * count});
    if (exchange.response.status == 206)
        exchange.offset = range_start(exchange.response.header("content-range"));
    return size * count;
}

std::size_t on_data(char *data, std::size_t size, std::size_t count, void *self) {
    auto &exchange = *static_cast<Exchange *>(self);
    const std::string_view bytes(data, size * count);
    HttpResponse &response = exchange.response;
    try {
        const bool wanted = response.status == 200 || response.status == 206;
        if (exchange.request.on_body && wanted) {
            exchange.request.on_body(response.status, exchange.offset, bytes);
            exchange.offset += static_cast<std::int64_t>(bytes.size());
        } else {
            if (response.body.size() + bytes.size() > largest_body)
                throw base::Error(exchange.request.url + ": the answer is larger than 4 MiB");
            response.body += bytes;
        }
        return bytes.size();
    } catch (...) {
        exchange.failure = std::current_exception();
        return CURL_WRITEFUNC_ERROR;
    }
}

std::size_t on_send(char *buffer, std::size_t size, std::size_t count, void *self) {
    auto &exchange = *static_cast<Exchange *>(self);
    try {
        return exchange.body->read(buffer, size * count);
    } catch (...) {
        exchange.failure = std::current_exception();
        return CURL_READFUNC_ABORT;
    }
}

TransportFailure classify(CURLcode code) {
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
        return TransportFailure::unreachable;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
        return TransportFailure::tls;
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return TransportFailure::interrupted;
    default:
        return TransportFailure::other;
    }
}

std::string authority_of(const std::string &url) {
    const auto start = url.find("://") + 3;
    return url.substr(start, url.find('/', start) - start);
}

// libcurl reads the lower-case variables (and HTTPS_PROXY, NO_PROXY); Docker also reads HTTP_PROXY and never
// asks a proxy for this machine itself.
std::optional<std::string> proxy_for(const std::string &url) {
    if (is_loopback_registry(authority_of(url)))
        return "";
    const char *upper = std::getenv("HTTP_PROXY");
    if (url.starts_with("http://") && upper != nullptr && std::getenv("http_proxy") == nullptr)
        return upper;
    return std::nullopt;
}

} // namespace

std::string HttpResponse::header(const std::string &name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string{} : found->second;
}

struct HttpClient::Handles {
    CURLM *multi = curl().multi_init();
    CURL *easy = curl().easy_init();
    curl_slist *headers = nullptr;
    std::array<char, CURL_ERROR_SIZE> error{};

    Handles() = default;
    Handles(const Handles &) = delete;
    Handles &operator=(const Handles &) = delete;

    ~Handles() {
        curl().slist_free_all(headers);
        curl().easy_cleanup(easy);
        curl().multi_cleanup(multi);
    }

    template <typename Value>
    void set(CURLoption option, Value value) {
        curl().easy_setopt(easy, option, value);
    }

    void prepare(const HttpRequest &request, const HttpSettings &settings, Exchange &exchange) {
        curl().easy_reset(easy);
        error[0] = '\0';
        set(CURLOPT_URL, request.url.c_str());
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_PROTOCOLS_STR, "http,https");
        set(CURLOPT_REDIR_PROTOCOLS_STR, request.url.starts_with("https:") ? "https" : "http,https");
        set(CURLOPT_FOLLOWLOCATION, 1L);
        set(CURLOPT_MAXREDIRS, most_redirects);
        set(CURLOPT_USERAGENT, "compose/" COMPOSE_VERSION);
        set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(settings.connect_timeout.count()));
        set(CURLOPT_LOW_SPEED_LIMIT, 1L);
        set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(settings.stall_timeout.count()));
        set(CURLOPT_BUFFERSIZE, receive_buffer);
        set(CURLOPT_ERRORBUFFER, error.data());
        set(CURLOPT_HEADERFUNCTION, on_header);
        set(CURLOPT_HEADERDATA, &exchange);
        set(CURLOPT_WRITEFUNCTION, on_data);
        set(CURLOPT_WRITEDATA, &exchange);
        set(CURLOPT_SSL_VERIFYPEER, request.verify_tls ? 1L : 0L);
        set(CURLOPT_SSL_VERIFYHOST, request.verify_tls ? 2L : 0L);
        if (const char *bundle = std::getenv("SSL_CERT_FILE"); bundle != nullptr && *bundle != '\0')
            set(CURLOPT_CAINFO, bundle);
        if (const auto proxy = proxy_for(request.url))
            set(CURLOPT_PROXY, proxy->c_str());
        if (request.method == "HEAD")
            set(CURLOPT_NOBODY, 1L);
        if (request.method == "POST") {
            set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
            set(CURLOPT_POSTFIELDS, request.body.c_str());
        }
        if (request.open_body)
            prepare_upload(request, exchange);
        if (request.range_from > 0)
            set(CURLOPT_RANGE, (std::to_string(request.range_from) + "-").c_str());
        curl().slist_free_all(headers);
        headers = nullptr;
        for (const std::string &header : request.headers)
            headers = curl().slist_append(headers, header.c_str());
        set(CURLOPT_HTTPHEADER, headers);
    }

    void prepare_upload(const HttpRequest &request, Exchange &exchange) {
        exchange.body = request.open_body();
        set(CURLOPT_UPLOAD, 1L);
        set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
        set(CURLOPT_FOLLOWLOCATION, 0L);
        set(CURLOPT_UPLOAD_BUFFERSIZE, send_buffer);
        set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body_size));
        set(CURLOPT_READFUNCTION, on_send);
        set(CURLOPT_READDATA, &exchange);
    }

    std::optional<TransportError> result(CURLcode code) {
        if (code == CURLE_OK)
            return std::nullopt;
        return TransportError{classify(code), error[0] != '\0' ? error.data() : curl().easy_strerror(code)};
    }
};

HttpClient::HttpClient(HttpSettings settings)
    : settings_(std::move(settings)), handles_(std::make_unique<Handles>()) {}

HttpClient::~HttpClient() = default;

HttpResult HttpClient::perform(const HttpRequest &request) {
    Exchange exchange{request};
    handles_->prepare(request, settings_, exchange);

    struct Added {
        Handles &handles;

        ~Added() { curl().multi_remove_handle(handles.multi, handles.easy); }
    };

    curl().multi_add_handle(handles_->multi, handles_->easy);
    const Added added{*handles_};

    curl_waitfd cancel{settings_.cancel_fd, CURL_WAIT_POLLIN, 0};
    const unsigned extra = settings_.cancel_fd >= 0 ? 1 : 0;
    for (int running = 1; running > 0;) {
        curl().multi_perform(handles_->multi, &running);
        if (exchange.failure)
            std::rethrow_exception(exchange.failure);
        if (settings_.check)
            settings_.check();
        if (running > 0)
            curl().multi_poll(handles_->multi, &cancel, extra, tick_ms, nullptr);
    }
    CURLcode code = CURLE_OK;
    int left = 0;
    while (const CURLMsg *message = curl().multi_info_read(handles_->multi, &left))
        if (message->msg == CURLMSG_DONE)
            code = message->data.result;

    curl_off_t retry_after = 0;
    curl().easy_getinfo(handles_->easy, CURLINFO_RETRY_AFTER, &retry_after);
    if (retry_after > 0)
        exchange.response.retry_after = std::chrono::seconds(retry_after);
    return {std::move(exchange.response), handles_->result(code)};
}

void HttpClient::sleep(std::chrono::milliseconds time) const {
    const auto end = std::chrono::steady_clock::now() + time;
    for (;;) {
        if (settings_.check)
            settings_.check();
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0)
            return;
        pollfd cancel{settings_.cancel_fd, POLLIN, 0};
        ::poll(&cancel, 1, static_cast<int>(std::min<std::chrono::milliseconds::rep>(left.count(), tick_ms)));
    }
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~') {
            result += c;
        } else {
            result += '%';
            result += hex[byte >> 4];
            result += hex[byte & 15];
        }
    }
    return result;
}

} // namespace image
