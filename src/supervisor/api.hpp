// The control API between CLI and supervisor: HTTP/1.1 over a unix socket. A request is a POST of one JSON
// object; the answer is a stream of JSON lines (application/x-ndjson), the last of which is `done` or
// `failed`.
#pragma once

#include "base/json_fwd.hpp"

#include <string>

namespace supervisor {

// Verbs: the path is "/v1/VERB". See docs/formats.md for the members of each request.
inline constexpr const char *api_up = "/v1/up";
inline constexpr const char *api_down = "/v1/down";
inline constexpr const char *api_start = "/v1/start";
inline constexpr const char *api_stop = "/v1/stop";
inline constexpr const char *api_restart = "/v1/restart";
inline constexpr const char *api_kill = "/v1/kill";
inline constexpr const char *api_remove = "/v1/remove";
inline constexpr const char *api_pause = "/v1/pause";
inline constexpr const char *api_unpause = "/v1/unpause";
inline constexpr const char *api_hold = "/v1/hold";
inline constexpr const char *api_run = "/v1/run";
inline constexpr const char *api_attach = "/v1/attach";
inline constexpr const char *api_wait = "/v1/wait";
inline constexpr const char *api_events = "/v1/events";

// One line of an answer.
enum class AnswerKind {
    progress, // what happened to a container, network or volume
    warning,
    event,  // of a container: start, die, health_status, ...
    done,   // the request succeeded
    failed, // it didn't
};

struct Answer {
    AnswerKind kind = AnswerKind::progress;
    std::string subject;  // progress: "Container demo-web-1"
    std::string text;     // progress: "Creating", "Created", ...; warning, failed: a sentence
    std::string hint;     // failed
    int exit_code = 1;    // failed
    bool working = false; // progress: more will follow for the same subject

    // event
    std::string time; // RFC 3339
    std::string action;
    std::string service;
    std::string id;
    std::string name;
    int container_exit_code = 0; // of die
    bool restarting = false;     // of die: the restart policy will start it again
};

[[nodiscard]] std::string to_line(const Answer &answer); // JSON and a newline
[[nodiscard]] Answer parse_answer(std::string_view line);

} // namespace supervisor
