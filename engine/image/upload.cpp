#include "engine/image/upload.hpp"

#include "base/digest.hpp"
#include "engine/image/content.hpp"
#include "engine/image/sources.hpp"

namespace image {

namespace {

constexpr int created = 201;
constexpr int accepted = 202;
constexpr int not_found = 404;
constexpr int wrong_range = 416;

// Counts and hashes what passes.
class MeasuredSource : public ByteSource {
  public:
    MeasuredSource(std::unique_ptr<ByteSource> source, base::Sha256 &hash, std::int64_t &size)
        : source_(std::move(source)), hash_(hash), size_(size) {}

    std::size_t read(char *buffer, std::size_t size) override {
        const std::size_t count = source_->read(buffer, size);
        hash_.update({buffer, count});
        size_ += static_cast<std::int64_t>(count);
        return count;
    }

  private:
    std::unique_ptr<ByteSource> source_;
    base::Sha256 &hash_;
    std::int64_t &size_;
};

bool answered(const HttpResult &result, int status) {
    return !result.error && result.response.status == status;
}

// A registry that forgot the upload (restarted, or another one of several) is asked for a new one.
HttpResult forgotten_is_interrupted(HttpResult result) {
    if (answered(result, not_found) || answered(result, wrong_range))
        result.error = TransportError{TransportFailure::interrupted, "the registry has forgotten the upload"};
    return result;
}

std::string with_digest(const std::string &url, const std::string &digest) {
    return url + (url.find('?') == std::string::npos ? "?" : "&") + "digest=" + percent_encode(digest);
}

HttpRequest upload_request(const char *method, const std::string &url) {
    HttpRequest request;
    request.method = method;
    request.url = url;
    request.headers.emplace_back("Content-Type: application/octet-stream");
    return request;
}

void set_body(HttpRequest &request, std::string_view bytes) {
    request.open_body = [bytes] { return std::make_unique<MemorySource>(bytes); };
    request.body_size = static_cast<std::int64_t>(bytes.size());
}

} // namespace

std::string upload_url(const std::string &endpoint, const std::string &location) {
    const std::string scheme = endpoint.substr(0, endpoint.find("://") + 3);
    const std::string host =
        endpoint.substr(scheme.size(), endpoint.find('/', scheme.size()) - scheme.size());
    if (location.starts_with("//"))
        return scheme + location.substr(2);
    if (location.starts_with('/'))
        return scheme + host + location;
    const auto start = location.find("://");
    if (start == std::string::npos)
        return {};
    const std::string rest = location.substr(start + 3);
    return rest.starts_with(host + "/") ? scheme + rest : location;
}

// How far one attempt came: done, or what the registry said instead.
struct Uploader::Attempt {
    std::optional<Uploaded> done;
    HttpResult result;
    std::string url; // where to go on
};

bool Uploader::has(HttpClient &http, const std::string &digest) const {
    HttpRequest request;
    request.method = "HEAD";
    request.url = registry_.repository_url() + "blobs/" + digest;
    for (int attempt = 1;; ++attempt) {
        const HttpResult result = registry_.send(http, request);
        if (answered(result, 200))
            return true;
        if (answered(result, not_found))
            return false;
        registry_.wait_or_throw(http, result, attempt, subject_);
    }
}

Uploader::Attempt Uploader::begin(HttpClient &http, const Upload &upload) const {
    HttpRequest request;
    request.method = "POST";
    request.url = registry_.repository_url() + "blobs/uploads/";
    if (!upload.digest.empty() && !upload.mount_from.empty())
        request.url +=
            "?mount=" + percent_encode(upload.digest) + "&from=" + percent_encode(upload.mount_from);
    Attempt attempt;
    attempt.result = registry_.send(http, request);
    if (answered(attempt.result, created))
        attempt.done = Uploaded{upload.digest, upload.size, true};
    else if (answered(attempt.result, accepted))
        attempt.url = upload_url(registry_.endpoint().url, attempt.result.response.header("location"));
    if (attempt.url.empty() && !attempt.done && answered(attempt.result, accepted))
        throw base::Error("cannot push " + subject_ + ": " + registry_.endpoint().url
                          + " does not say where to send a layer to (Location \""
                          + attempt.result.response.header("location") + "\")");
    return attempt;
}

Uploader::Attempt Uploader::send_known(HttpClient &http, const Upload &upload, const std::string &url) const {
    HttpRequest request = upload_request("PUT", with_digest(url, upload.digest));
    request.open_body = upload.open;
    request.body_size = upload.size;
    Attempt attempt;
    attempt.result = forgotten_is_interrupted(registry_.send(http, request));
    if (answered(attempt.result, created))
        attempt.done = Uploaded{upload.digest, upload.size, false};
    return attempt;
}

Uploader::Attempt Uploader::send_unknown(HttpClient &http, const Upload &upload,
                                         const std::string &url) const {
    base::Sha256 hash;
    std::int64_t size = 0;
    HttpRequest request = upload_request("PATCH", url);
    request.open_body = [&] {
        hash = base::Sha256();
        size = 0;
        return std::make_unique<MeasuredSource>(upload.open(), hash, size);
    };
    Attempt attempt;
    attempt.result = forgotten_is_interrupted(registry_.send(http, request));
    if (!answered(attempt.result, accepted))
        return attempt;
    const std::string digest = "sha256:" + hash.hex();
    const std::string location = attempt.result.response.header("location");
    request = upload_request(
        "PUT", with_digest(location.empty() ? url : upload_url(registry_.endpoint().url, location), digest));
    set_body(request, {});
    attempt.result = forgotten_is_interrupted(registry_.send(http, request));
    if (answered(attempt.result, created))
        attempt.done = Uploaded{digest, size, false};
    return attempt;
}

Uploaded Uploader::send(HttpClient &http, const Upload &upload) const {
    for (int attempts = 1;; ++attempts) {
        Attempt attempt = begin(http, upload);
        if (!attempt.done && !attempt.url.empty())
            attempt = upload.digest.empty() ? send_unknown(http, upload, attempt.url)
                                            : send_known(http, upload, attempt.url);
        if (attempt.done)
            return *attempt.done;
        registry_.wait_or_throw(http, attempt.result, attempts, subject_);
    }
}

void Uploader::put_manifest(HttpClient &http, const std::string &where, std::string_view manifest,
                            const std::string &media_type) const {
    HttpRequest request;
    request.method = "PUT";
    request.url = registry_.repository_url() + "manifests/" + where;
    request.headers.push_back("Content-Type: " + media_type);
    set_body(request, manifest);
    for (int attempt = 1;; ++attempt) {
        const HttpResult result = registry_.send(http, request);
        if (!answered(result, created) && !answered(result, 200)) {
            registry_.wait_or_throw(http, result, attempt, subject_);
            continue;
        }
        const std::string expected = "sha256:" + base::sha256_hex(manifest);
        const std::string stored = result.response.header("docker-content-digest");
        if (!stored.empty() && stored != expected)
            throw_wrong_digest("the manifest of " + subject_ + " in the registry", expected, stored);
        return;
    }
}

} // namespace image
