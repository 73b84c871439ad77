#include "base/json.hpp"

#include "base/error.hpp"

namespace base {

Json parse_json(std::string_view text, const std::string &subject) {
    constexpr int deepest = 128;
    const Json::parser_callback_t bounded = [](int depth, Json::parse_event_t, Json &) {
        if (depth > deepest)
            throw Error("nested deeper than 128 levels");
        return true;
    };
    try {
        return Json::parse(text, bounded);
    } catch (const nlohmann::json::exception &error) {
        throw Error(subject + ": not valid JSON: " + error.what());
    } catch (const Error &error) {
        throw Error(subject + ": not valid JSON: " + error.what());
    }
}

std::string dump_json(const Json &value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string pretty_json(const Json &value) {
    return value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace base
