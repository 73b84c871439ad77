// Files of the web.
#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/json.hpp"
#include "engine/build/remote_files.hpp"
#include "engine/build/remote_place.hpp"
#include "engine/build/step_directory.hpp"
#include "engine/image/http.hpp"

#include <sys/stat.h>

#include <ctime>
#include <fcntl.h>

namespace build {

namespace {

constexpr int attempts = 4;
constexpr std::chrono::milliseconds backoff{500};

// What is known of an address: images/build/remote/HEX.json.
struct Record {
    std::string digest;         // "sha256:..."
    std::string directory;      // its name
    std::string etag, modified; // as the server wrote them
};

base::fs::path record_file(const base::Paths &paths, const std::string &url) {
    return remote_root(paths) / (base::sha256_hex(url) + ".json");
}

std::optional<Record> read_record(const base::Paths &paths, const std::string &url) {
    const auto text = base::read_file_if(record_file(paths, url));
    const base::Json json = text ? base::Json::parse(*text, nullptr, false) : base::Json();
    if (!json.is_object() || base::json_or(json, "version", 0) != 1)
        return std::nullopt;
    Record record;
    record.digest = base::json_or<std::string>(json, "digest", "");
    record.directory = base::json_or<std::string>(json, "directory", "");
    record.etag = base::json_or<std::string>(json, "etag", "");
    record.modified = base::json_or<std::string>(json, "last_modified", "");
    const bool is_there =
        !record.directory.empty() && base::fs::exists(remote_root(paths) / record.directory);
    return is_there ? std::optional(record) : std::nullopt;
}

void write_record(const base::Paths &paths, const std::string &url, const Record &record) {
    const base::Json json{{"version", 1},
                          {"url", without_login(url)},
                          {"digest", record.digest},
                          {"directory", record.directory},
                          {"etag", record.etag},
                          {"last_modified", record.modified}};
    base::write_file_atomic(record_file(paths, url), base::dump_json(json));
}

// Seconds since 1970; 0 for what is no time.
std::time_t time_of(const std::string &modified) {
    std::tm time{};
    const char *end = ::strptime(modified.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &time);
    return end == nullptr ? 0 : ::timegm(&time);
}

class WebFile {
  public:
    WebFile(const base::Paths &paths, const std::string &url, const Cancellation &cancellation)
        : paths_(paths), url_(url), name_(name_of_web_file(url)),
          http_({.check = [&cancellation] { cancellation.check(); }, .cancel_fd = cancellation.user_fd()}) {}

    RemoteFiles get(const std::string &checksum) {
        const auto known = read_record(paths_, url_);
        if (known && !checksum.empty() && known->digest == checksum)
            return files(*known);
        Record record = download(known);
        if (!checksum.empty() && record.digest != checksum)
            throw base::Error(without_login(url_) + " has the digest " + record.digest + ", not " + checksum,
                              "correct --checksum, if that is the file you want");
        return files(record);
    }

  private:
    [[nodiscard]] RemoteFiles files(const Record &record) const {
        return {remote_root(paths_) / record.directory, name_, record.directory};
    }

    Record download(const std::optional<Record> &known) {
        for (int attempt = 1;; ++attempt) {
            const StepDirectory scratch(paths_);
            const base::fs::path path = scratch.path() / "files";
            base::make_dirs(path);
            const base::UniqueFd file = base::open_file(path / name_, O_WRONLY | O_CREAT | O_EXCL, 0600);
            base::Sha256 hash;
            const image::HttpResult result = request(known, file.get(), hash);
            if (!result.error && result.response.status == 304 && known)
                return *known;
            if (!result.error && result.response.status == 200)
                return keep(path, file.get(), hash.hex(), result.response);
            give_up_or_wait(result, attempt);
        }
    }

    image::HttpResult request(const std::optional<Record> &known, int file, base::Sha256 &hash) {
        image::HttpRequest request;
        request.url = url_.substr(0, url_.find('#'));
        if (known && !known->etag.empty())
            request.headers.push_back("If-None-Match: " + known->etag);
        else if (known && !known->modified.empty())
            request.headers.push_back("If-Modified-Since: " + known->modified);
        request.on_body = [&](int, std::int64_t, std::string_view bytes) {
            hash.update(bytes);
            base::write_all(file, bytes, name_);
        };
        return http_.perform(request);
    }

    Record keep(const base::fs::path &made, int file, const std::string &hex,
                const image::HttpResponse &response) {
        Record record{"sha256:" + hex, {}, response.header("etag"), response.header("last-modified")};
        const std::time_t modified = time_of(record.modified);
        base::check(::fchmod(file, 0600), "set mode of", name_);
        const timespec times[2] = {{modified, 0}, {modified, 0}};
        base::check(::futimens(file, times), "set times of", name_);
        record.directory =
            base::sha256_hex("web 1\n" + record.digest + "\n" + std::to_string(modified) + "\n" + name_);
        keep_remote(paths_, made, record.directory);
        write_record(paths_, url_, record);
        return record;
    }

    void give_up_or_wait(const image::HttpResult &result, int attempt) const {
        const int status = result.response.status;
        const bool transient = result.error ? result.error->failure == image::TransportFailure::interrupted
                                            : status == 429 || status >= 500;
        if (transient && attempt < attempts)
            return http_.sleep(result.response.retry_after
                                   ? std::chrono::milliseconds(*result.response.retry_after)
                                   : backoff * attempt);
        const std::string what = "cannot fetch " + without_login(url_) + ": ";
        if (result.error)
            throw base::Error(
                what + result.error->text,
                result.error->failure == image::TransportFailure::tls
                    ? "make this machine trust it with update-ca-certificates, or name a file with "
                      "the certificate of its authority in SSL_CERT_FILE"
                    : "check the address, the network and the proxy");
        throw base::Error(what + "the server answered " + std::to_string(status),
                          status == 404 ? "correct the address"
                                        : "ask for it with another tool, e.g. curl -v");
    }

    const base::Paths &paths_;
    const std::string &url_;
    std::string name_;
    image::HttpClient http_;
};

} // namespace

RemoteFiles fetch_web_file(const base::Paths &paths, const std::string &url, const std::string &checksum,
                           const Cancellation &cancellation) {
    return WebFile(paths, url, cancellation).get(checksum);
}

} // namespace build
