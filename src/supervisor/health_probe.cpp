#include "supervisor/health_probe.hpp"

#include "base/error.hpp"
#include "engine/container/exec.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace supervisor {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kept_probes = 5;
constexpr std::size_t kept_output = 4096;
constexpr int timed_out = -1;
constexpr int could_not_run = 125;

// Keeps the beginning of what a probe prints and takes the rest off the pipe.
base::Task<> collect(std::shared_ptr<asio::posix::stream_descriptor> pipe,
                     std::shared_ptr<std::string> output) {
    std::array<char, 4096> data{};
    boost::system::error_code error;
    while (!error) {
        const std::size_t count = co_await pipe->async_read_some(
            asio::buffer(data), asio::redirect_error(asio::use_awaitable, error));
        output->append(data.data(), std::min(count, kept_output - output->size()));
    }
}

} // namespace

HealthConfig health_config(const container::Healthcheck &check) {
    HealthConfig config;
    if (check.test.size() < 2)
        return config;
    config.argv.assign(check.test.begin() + 1, check.test.end());
    const auto take = [](base::Duration &to, const std::optional<base::Duration> &from) {
        if (from && from->count() > 0)
            to = *from;
    };
    take(config.interval, check.interval);
    take(config.timeout, check.timeout);
    take(config.start_period, check.start_period);
    take(config.start_interval, check.start_interval);
    if (check.retries && *check.retries > 0)
        config.retries = *check.retries;
    return config;
}

struct HealthProbe::Run : std::enable_shared_from_this<HealthProbe::Run> {
    HealthProbe &owner; // valid while !over
    container::ProcessIdentity target;
    asio::steady_timer timer;
    std::optional<asio::posix::stream_descriptor> probe; // pidfd of the probe that is under way
    bool over = false;
    bool disturbed = false; // the container was frozen during the probe

    Run(HealthProbe &probe_owner, const container::ProcessIdentity &process)
        : owner(probe_owner), target(process), timer(probe_owner.runtime_.io) {}

    static base::Task<> loop(std::shared_ptr<Run> self, SteadyTime next) {
        for (;;) {
            self->timer.expires_at(next);
            boost::system::error_code ignored;
            co_await self->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
            if (self->over)
                co_return;
            const SteadyTime began = std::chrono::steady_clock::now();
            const base::Duration interval = self->owner.machine_.config().interval;
            self->disturbed = self->owner.still_;
            ProbeRecord record;
            if (!self->disturbed)
                record = co_await execute(self);
            if (self->over)
                co_return;
            if (self->disturbed) {
                next = std::chrono::steady_clock::now() + interval;
                continue;
            }
            next =
                self->owner.machine_.probed(record.exit_code == 0, began, std::chrono::steady_clock::now());
            self->owner.note(record);
        }
    }

    static base::Task<ProbeRecord> execute(std::shared_ptr<Run> self) {
        ProbeRecord record{.start = base::now()};
        auto output = std::make_shared<std::string>();
        try {
            record.exit_code = co_await run_program(self, output);
            record.output =
                record.exit_code == timed_out
                    ? "Health check exceeded timeout (" + base::format_duration(self->owner_timeout()) + ")"
                    : *output;
        } catch (const base::Error &error) {
            record.exit_code = could_not_run;
            record.output = error.what();
        }
        record.end = base::now();
        co_return record;
    }

    [[nodiscard]] base::Duration owner_timeout() const {
        return over ? base::Duration(0) : owner.machine_.config().timeout;
    }

    static base::Task<int> run_program(std::shared_ptr<Run> self, std::shared_ptr<std::string> output) {
        HealthProbe &owner = self->owner;
        const base::Duration timeout = owner.machine_.config().timeout;
        base::Pipe pipe = base::make_pipe();
        container::ExecSpec what;
        what.argv = owner.machine_.config().argv;
        what.stdio.out = pipe.write.get();
        what.stdio.err = pipe.write.get();
        container::ExecProcess process =
            container::exec(owner.spec_, self->target, what, owner.runtime_.seccomp);
        pipe.write.reset();
        auto reader =
            std::make_shared<asio::posix::stream_descriptor>(owner.runtime_.io, pipe.read.release());
        base::spawn(owner.runtime_.io.get_executor(), "health output", collect(reader, output));
        asio::posix::stream_descriptor ended(owner.runtime_.io, process.pidfd.duplicate().release());
        asio::steady_timer limit(owner.runtime_.io, timeout);
        bool late = false;
        const int pidfd = process.pidfd.get();
        limit.async_wait([&late, pidfd](boost::system::error_code cancelled) {
            if (cancelled)
                return;
            late = true;
            container::send_signal(pidfd, SIGKILL);
        });
        self->probe.emplace(owner.runtime_.io, process.pidfd.duplicate().release());
        boost::system::error_code ignored;
        co_await ended.async_wait(asio::posix::descriptor_base::wait_read,
                                  asio::redirect_error(asio::use_awaitable, ignored));
        limit.cancel();
        self->probe.reset();
        const std::optional<int> code = process.try_wait();
        reader->close(ignored);
        co_return late ? timed_out : code.value_or(could_not_run);
    }
};

HealthProbe::HealthProbe(Runtime &runtime, const container::Spec &spec, StateRecord &state,
                         std::function<void(bool)> changed)
    : runtime_(runtime), spec_(spec), state_(state), changed_(std::move(changed)),
      machine_(health_config(spec.healthcheck)) {}

HealthProbe::~HealthProbe() {
    stop();
}

bool HealthProbe::enabled() const {
    return machine_.enabled();
}

void HealthProbe::start(const container::ProcessIdentity &target, bool adopted) {
    stop();
    if (!enabled())
        return;
    const plan::Health before = state_.health;
    run_ = std::make_shared<Run>(*this, target);
    SteadyTime next = machine_.started(std::chrono::steady_clock::now());
    if (adopted && before != plan::Health::none) {
        // What a predecessor found out holds until we know better, and we want to know soon.
        next = std::chrono::steady_clock::now();
        if (before == plan::Health::healthy)
            next = machine_.probed(true, next, next);
    }
    still_ = false;
    state_.health = machine_.health();
    state_.failing_streak = 0;
    base::spawn(runtime_.io.get_executor(), "health of " + spec_.name, Run::loop(run_, next));
}

void HealthProbe::note(const ProbeRecord &record) {
    state_.probes.push_back(record);
    if (state_.probes.size() > kept_probes)
        state_.probes.erase(state_.probes.begin());
    const bool turned = state_.health != machine_.health();
    state_.health = machine_.health();
    state_.failing_streak = machine_.failing_streak();
    changed_(turned);
}

void HealthProbe::stand_still(bool still) {
    still_ = still;
    if (run_ && still)
        run_->disturbed = true;
}

void HealthProbe::stop() {
    machine_.stopped();
    if (!run_)
        return;
    run_->over = true;
    run_->timer.cancel();
    if (run_->probe)
        container::send_signal(run_->probe->native_handle(), SIGKILL);
    run_.reset();
}

} // namespace supervisor
