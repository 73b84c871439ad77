#include "base/error.hpp"
#include "base/json.hpp"
#include "control/connect.hpp"
#include "supervisor/observer.hpp"
#include "terminal/terminal.hpp"
#include "verbs/project_state.hpp"
#include "verbs/request.hpp"
#include "verbs/verbs.hpp"

#include <fmt/format.h>

#include <array>
#include <ctime>
#include <poll.h>
#include <unistd.h>

namespace cli {

namespace {

constexpr int interrupted = 130;

struct EventsOptions {
    std::vector<std::string> services;
    bool json = false;
};

// What an event doesn't say of its container, also of one that is gone by now.
class Specs {
  public:
    Specs(const base::Paths &paths, std::string project) : paths_(paths), project_(std::move(project)) {
        read();
    }

    const container::Spec *find(const std::string &id) {
        if (!specs_.contains(id))
            read();
        const auto found = specs_.find(id);
        return found == specs_.end() ? nullptr : &found->second;
    }

  private:
    void read() {
        for (supervisor::ContainerInfo &info : supervisor::read_containers(paths_, project_))
            specs_[info.spec.id] = std::move(info.spec);
    }

    const base::Paths &paths_;
    std::string project_;
    std::map<std::string, container::Spec> specs_;
};

std::map<std::string, std::string> attributes_of(const supervisor::Answer &event,
                                                 const container::Spec *spec) {
    std::map<std::string, std::string> attributes{{"name", event.name}};
    if (spec != nullptr) {
        attributes["image"] = spec->image_name;
        for (const auto &[key, value] : spec->labels)
            if (!key.starts_with("com.docker.compose."))
                attributes[key] = value;
    }
    if (!event.text.empty())
        attributes["reason"] = event.text;
    if (event.action == "die")
        attributes["exitCode"] = std::to_string(event.container_exit_code);
    return attributes;
}

std::string local_time(const std::string &rfc3339) {
    const auto time = base::parse_rfc3339(rfc3339).value_or(base::now());
    const auto since_epoch = time.time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since_epoch);
    const std::time_t whole = seconds.count();
    std::tm local{};
    ::localtime_r(&whole, &local);
    std::array<char, 32> text{};
    (void)std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &local);
    return fmt::format("{}.{:06}", text.data(),
                       std::chrono::duration_cast<std::chrono::microseconds>(since_epoch - seconds).count());
}

std::string line_of(const supervisor::Answer &event, const container::Spec *spec, bool json) {
    const auto attributes = attributes_of(event, spec);
    if (json)
        return base::dump_json({{"time", event.time},
                                {"type", "container"},
                                {"service", event.service},
                                {"id", event.id},
                                {"action", event.action},
                                {"attributes", attributes}})
               + "\n";
    std::string list;
    for (const auto &[key, value] : attributes)
        list += fmt::format("{}{}={}", list.empty() ? "" : ", ", key, value);
    return fmt::format("{} container {} {} ({})\n", local_time(event.time), event.action, event.id, list);
}

int run_events(const Context &context, const EventsOptions &options) {
    const Context::Named named = context.load_or_name(options.services);
    require_known(named, supervisor::read_containers(context.paths(), named.project), options.services);
    const std::set<std::string> services(options.services.begin(), options.services.end());
    Specs specs(context.paths(), named.project);
    const InterruptGuard guard;
    while (InterruptGuard::count() == 0) {
        Client client = start_supervisor(context.paths(), named.project);
        client.send(supervisor::api_events, base::Json::object());
        try {
            while (InterruptGuard::count() == 0) {
                std::array<pollfd, 2> fds = {{{client.fd(), POLLIN, 0}, {InterruptGuard::fd(), POLLIN, 0}}};
                if (!client.has_buffered())
                    (void)::poll(fds.data(), fds.size(), -1);
                while (const auto event = client.next(std::chrono::milliseconds(0)))
                    if (event->action != "listening"
                        && (services.empty() || services.contains(event->service)))
                        print(STDOUT_FILENO, line_of(*event, specs.find(event->id), options.json));
            }
        } catch (const base::Error &) {
            continue; // killed; its successor is asked
        }
    }
    return interrupted;
}

} // namespace

void add_events(Command &root, Context &context) {
    auto options = std::make_shared<EventsOptions>();
    root.subcommand("events", "Show what happens to containers, as it happens")
        .flag("--json", options->json, "One JSON object a line")
        .positionals("SERVICE", options->services, "Services; all when none is named")
        .action([&context, options] { return run_events(context, *options); });
}

} // namespace cli
