#include "terminal/progress.hpp"

#include "base/json.hpp"
#include "terminal/live_progress.hpp"
#include "terminal/terminal.hpp"

#include <array>
#include <map>
#include <unistd.h>

namespace cli {

namespace {

class PlainProgress : public Progress {
  public:
    using Progress::Progress;

    void event(const ProgressEvent &event) override {
        // Byte counts would flood a pipe: a line only where the phase changes.
        const std::string key = event.parent + "\n" + event.id;
        std::string &last = last_[key];
        if (last == event.text + event.detail)
            return;
        last = event.text + event.detail;
        if (!event.parent.empty() && event.state == ProgressState::working)
            return;
        std::string line = " " + event.id + "  " + event.text;
        if (!event.detail.empty())
            line += "  " + event.detail;
        print(fd(), line + "\n");
    }

    void message(const std::string &line) override { print(fd(), line + "\n"); }

  private:
    std::map<std::string, std::string> last_;
};

class JsonProgress : public Progress {
  public:
    using Progress::Progress;

    void event(const ProgressEvent &event) override {
        static constexpr std::array<const char *, 4> names = {"Working", "Done", "Warning", "Error"};
        base::Json line{{"id", event.id}};
        if (!event.parent.empty())
            line["parent_id"] = event.parent;
        line["status"] = names.at(static_cast<std::size_t>(event.state));
        line["text"] = event.text;
        if (!event.detail.empty())
            line["details"] = event.detail;
        if (event.total > 0) {
            line["current"] = event.current;
            line["total"] = event.total;
        }
        print(fd(), base::dump_json(line) + "\n");
    }

    void message(const std::string &text) override {
        print(fd(), base::dump_json(base::Json{{"message", text}}) + "\n");
    }
};

class QuietProgress : public Progress {
  public:
    using Progress::Progress;

    void event(const ProgressEvent &) override {}

    void message(const std::string &line) override { print(fd(), line + "\n"); }
};

} // namespace

std::unique_ptr<Progress> make_progress(ProgressMode mode, const std::string &title, int fd) {
    if (mode == ProgressMode::automatic)
        mode = is_terminal(fd) ? ProgressMode::tty : ProgressMode::plain;
    switch (mode) {
    case ProgressMode::tty:
        return std::make_unique<LiveProgress>(fd, title);
    case ProgressMode::json:
        return std::make_unique<JsonProgress>(fd);
    case ProgressMode::quiet:
        return std::make_unique<QuietProgress>(fd);
    default:
        return std::make_unique<PlainProgress>(fd);
    }
}

} // namespace cli
