#include "base/log.hpp"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace base::log {

namespace {

std::shared_ptr<spdlog::logger> logger;

spdlog::level::level_enum native(Level level) {
    switch (level) {
    case Level::debug:
        return spdlog::level::debug;
    case Level::info:
        return spdlog::level::info;
    case Level::warning:
        return spdlog::level::warn;
    case Level::error:
        break;
    }
    return spdlog::level::err;
}

void use(spdlog::sink_ptr sink, Level least) {
    logger = std::make_shared<spdlog::logger>("compose", std::move(sink));
    logger->set_level(native(least));
    logger->flush_on(spdlog::level::debug);
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%fZ %l %v", spdlog::pattern_time_type::utc);
}

} // namespace

void open_file(const std::filesystem::path &path, Level least) {
    constexpr std::size_t half_limit = 512 * 1024;
    use(std::make_shared<spdlog::sinks::rotating_file_sink_st>(path.string(), half_limit, 1), least);
}

void open_stderr(Level least) {
    use(std::make_shared<spdlog::sinks::stderr_sink_st>(), least);
}

bool enabled(Level level) {
    return logger != nullptr && logger->should_log(native(level));
}

void write(Level level, std::string_view text) {
    if (logger != nullptr)
        logger->log(native(level), text);
}

} // namespace base::log
