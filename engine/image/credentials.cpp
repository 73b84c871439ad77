#include "engine/image/credentials.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/json.hpp"

#include <sys/wait.h>

#include <cstdlib>
#include <spawn.h>
#include <unistd.h>

namespace image {

namespace {

using base::Json;

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr const char *hub_key = "https://index.docker.io/v1/";

base::fs::path config_file() {
    if (const char *directory = std::getenv("DOCKER_CONFIG"); directory != nullptr && *directory != '\0')
        return base::fs::path(directory) / "config.json";
    const char *home = std::getenv("HOME");
    return base::fs::path(home == nullptr || *home == '\0' ? "/root" : home) / ".docker" / "config.json";
}

std::string server_key(const std::string &registry) {
    return registry == "docker.io" ? hub_key : registry;
}

// Old entries are URLs: only their host counts.
std::string host_of_key(std::string key) {
    if (const auto scheme = key.find("://"); scheme != std::string::npos)
        key.erase(0, scheme + 3);
    key = key.substr(0, key.find('/'));
    return key == "index.docker.io" || key == "registry-1.docker.io" ? "docker.io" : key;
}

Credentials parse_auth(const Json &entry) {
    Credentials credentials;
    credentials.identity_token = base::json_or<std::string>(entry, "identitytoken", "");
    credentials.username = base::json_or<std::string>(entry, "username", "");
    credentials.password = base::json_or<std::string>(entry, "password", "");
    const std::string pair = base64_decode(base::json_or<std::string>(entry, "auth", ""));
    if (const auto colon = pair.find(':'); colon != std::string::npos) {
        credentials.username = pair.substr(0, colon);
        credentials.password = pair.substr(colon + 1);
        while (credentials.password.ends_with('\0'))
            credentials.password.pop_back();
    }
    return credentials;
}

Credentials from_auths(const Json &config, const std::string &registry) {
    if (!config.is_object() || !config.contains("auths") || !config["auths"].is_object())
        return {};
    const Json &auths = config["auths"];
    if (const auto exact = auths.find(server_key(registry)); exact != auths.end())
        return parse_auth(*exact);
    for (const auto &item : auths.items())
        if (host_of_key(item.key()) == registry)
            return parse_auth(item.value());
    return {};
}

struct HelperOutput {
    int status = 0;
    std::string text;
};

// The server's name comes through a memory file, so that a helper which never reads it can't raise SIGPIPE.
HelperOutput run_helper(const std::string &program, const std::string &server) {
    const base::UniqueFd input = base::make_memfd("server", server.data(), server.size());
    base::Pipe output = base::make_pipe();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input.get(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output.write.get(), STDOUT_FILENO);
    std::string name = program;
    std::string verb = "get";
    char *arguments[] = {name.data(), verb.data(), nullptr};
    pid_t pid = 0;
    const int error = ::posix_spawnp(&pid, name.c_str(), &actions, nullptr, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    output.write.reset();
    if (error != 0)
        throw base::SystemError("run credential helper", error, program,
                                "install it, or remove it from " + config_file().string());
    HelperOutput result;
    result.text = base::read_all(output.read.get(), program);
    while (::waitpid(pid, &result.status, 0) < 0 && errno == EINTR) {
    }
    return result;
}

Credentials from_helper(const std::string &helper, const std::string &registry) {
    const std::string program = "docker-credential-" + helper;
    const HelperOutput output = run_helper(program, server_key(registry));
    if (output.status != 0) {
        if (output.text.find("credentials not found") != std::string::npos)
            return {};
        throw base::Error(program + " failed: " + output.text.substr(0, output.text.find('\n')),
                          "log in again with docker login " + registry);
    }
    const Json json = base::parse_json(output.text, program);
    const std::string username = base::json_or<std::string>(json, "Username", "");
    const std::string secret = base::json_or<std::string>(json, "Secret", "");
    if (username == "<token>")
        return {{}, {}, secret};
    return {username, secret, {}};
}

} // namespace

std::string base64_encode(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); i += 3) {
        unsigned group = 0;
        for (std::size_t j = 0; j < 3; ++j)
            group = group << 8 | (i + j < text.size() ? static_cast<unsigned char>(text[i + j]) : 0U);
        for (std::size_t j = 0; j < 4; ++j)
            result += i + j <= text.size() ? alphabet[group >> (18 - 6 * j) & 63] : '=';
    }
    return result;
}

std::string base64_decode(std::string_view text) {
    while (text.ends_with('='))
        text.remove_suffix(1);
    std::string result;
    unsigned bits = 0;
    int count = 0;
    for (const char c : text) {
        const auto value = alphabet.find(c);
        if (value == std::string_view::npos)
            return {};
        bits = bits << 6 | static_cast<unsigned>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            result += static_cast<char>(bits >> count & 0xff);
        }
    }
    return result;
}

Credentials inline_credentials(std::string_view text, const std::string &registry,
                               const std::string &subject) {
    return from_auths(base::parse_json(text, subject), registry);
}

Credentials find_credentials(const std::string &registry) {
    const std::string file = config_file().string();
    const auto text = base::read_file_if(file);
    if (!text)
        return {};
    const Json config = base::parse_json(*text, file);
    const Json helpers = base::json_or(config, "credHelpers", Json::object());
    std::string helper = base::json_or<std::string>(helpers, server_key(registry).c_str(), "");
    if (helper.empty())
        helper = base::json_or<std::string>(helpers, registry.c_str(), "");
    if (helper.empty())
        helper = base::json_or<std::string>(config, "credsStore", "");
    if (!helper.empty())
        if (const Credentials found = from_helper(helper, registry); !found.empty())
            return found;
    return from_auths(config, registry);
}

} // namespace image
