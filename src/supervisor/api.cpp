#include "supervisor/api.hpp"

#include "base/error.hpp"
#include "base/json.hpp"

#include <algorithm>
#include <array>

namespace supervisor {

namespace {

constexpr std::array<const char *, 5> kinds = {"progress", "warning", "event", "done", "failed"};

} // namespace

std::string to_line(const Answer &answer) {
    base::Json json{{"kind", kinds.at(static_cast<std::size_t>(answer.kind))}};
    const auto add = [&](const char *key, const std::string &value) {
        if (!value.empty())
            json[key] = value;
    };
    add("subject", answer.subject);
    add("text", answer.text);
    add("hint", answer.hint);
    add("time", answer.time);
    add("action", answer.action);
    add("service", answer.service);
    add("id", answer.id);
    add("name", answer.name);
    if (answer.kind == AnswerKind::failed)
        json["exit_code"] = answer.exit_code;
    if (answer.kind == AnswerKind::progress)
        json["working"] = answer.working;
    if (answer.action == "die") {
        json["container_exit_code"] = answer.container_exit_code;
        json["restarting"] = answer.restarting;
    }
    return base::dump_json(json) + "\n";
}

Answer parse_answer(std::string_view line) {
    const base::Json json = base::parse_json(line, "answer of the supervisor");
    const auto kind = base::json_or<std::string>(json, "kind", "");
    const auto found = std::find(kinds.begin(), kinds.end(), kind);
    if (found == kinds.end())
        throw base::Error("the supervisor answered with an unknown kind \"" + kind + "\"",
                          "it may be of another version: stop the project with the version that started it");
    Answer answer;
    answer.kind = static_cast<AnswerKind>(found - kinds.begin());
    answer.subject = base::json_or<std::string>(json, "subject", "");
    answer.text = base::json_or<std::string>(json, "text", "");
    answer.hint = base::json_or<std::string>(json, "hint", "");
    answer.exit_code = base::json_or<int>(json, "exit_code", 1);
    answer.working = base::json_or<bool>(json, "working", false);
    answer.time = base::json_or<std::string>(json, "time", "");
    answer.action = base::json_or<std::string>(json, "action", "");
    answer.service = base::json_or<std::string>(json, "service", "");
    answer.id = base::json_or<std::string>(json, "id", "");
    answer.name = base::json_or<std::string>(json, "name", "");
    answer.container_exit_code = base::json_or<int>(json, "container_exit_code", 0);
    answer.restarting = base::json_or<bool>(json, "restarting", false);
    return answer;
}

} // namespace supervisor
