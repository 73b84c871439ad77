// What each request of the control API does. Requests that change the project take turns; one that takes
// containers away breaks off an `up` that is still waiting for something.
#pragma once

#include "base/async.hpp"
#include "base/json_fwd.hpp"
#include "supervisor/api_server.hpp"
#include "supervisor/plan_executor.hpp"
#include "supervisor/plan_session.hpp"
#include "supervisor/project.hpp"

#include <memory>
#include <string>

namespace supervisor {

class RequestHandler {
  public:
    explicit RequestHandler(Project &project);

    // See supervisor::Handler. @throws base::Error.
    base::Task<> handle(std::string path, std::shared_ptr<const base::Json> body,
                        std::shared_ptr<Reply> reply);

  private:
    using Body = std::shared_ptr<const base::Json>;
    using ReplyTo = std::shared_ptr<Reply>;

    base::Task<> up(Body body, ReplyTo reply);
    base::Task<> run(Body body, ReplyTo reply);
    base::Task<> change(std::string path, Body body, ReplyTo reply);
    base::Task<> pause(bool freeze, Body body, ReplyTo reply);
    base::Task<> hold(Body body, ReplyTo reply);
    base::Task<> attach(Body body, ReplyTo reply);
    base::Task<> wait(Body body, ReplyTo reply);
    base::Task<> events(Body body, ReplyTo reply);
    base::Task<> wait_until_running(std::set<std::string> services, Body body, ReplyTo reply);
    base::Task<> execute_plan(plan::Plan plan, std::shared_ptr<PlanSession> session, ReplyTo reply);
    base::Task<> pass_gate(plan::Gate gate, std::shared_ptr<Cancellation> cancellation, PlanSession &session);

    struct Turn;

    base::Task<std::shared_ptr<Turn>> take_turn(std::shared_ptr<Cancellation> cancellation, bool breaks_off);

    Project &project_;
    std::weak_ptr<Turn> current_;
};

} // namespace supervisor
