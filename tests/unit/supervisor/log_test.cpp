#include "base/digest.hpp"
#include "base/fd.hpp"
#include "base/file.hpp"
#include "base/remove_tree.hpp"
#include "supervisor/log_file.hpp"
#include "supervisor/log_format.hpp"
#include "supervisor/log_journal.hpp"
#include "supervisor/log_pump.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <fcntl.h>

using namespace supervisor;

namespace {

struct TemporaryDirectory {
    std::filesystem::path path = std::filesystem::path("/dev/shm") / ("compose-log-" + base::random_hex(8));

    TemporaryDirectory() { base::make_dirs(path); }

    ~TemporaryDirectory() { base::remove_tree(path); }
};

std::string texts(const std::filesystem::path &directory) {
    std::string result;
    for (const auto &file : LogFile::files(directory)) {
        const std::string all = base::read_file(file);
        for (std::size_t start = 0; start < all.size();) {
            const std::size_t end = all.find('\n', start);
            const auto record = parse_log_record(std::string_view(all).substr(start, end - start));
            REQUIRE(record);
            result += std::string(record->text) + (record->complete ? "\n" : "");
            start = end + 1;
        }
    }
    return result;
}

const std::string container(64, 'a');

} // namespace

TEST_CASE("records follow the CRI format and give every byte back") {
    std::string out;
    const LogFormatter formatter(Stream::err, *base::parse_rfc3339("2026-01-02T03:04:05.000000006Z"));
    CHECK(formatter.format("one\n\ntail", out, 1 << 20) == 9);
    CHECK(out
          == "2026-01-02T03:04:05.000000006Z stderr F one\n"
             "2026-01-02T03:04:05.000000006Z stderr F \n"
             "2026-01-02T03:04:05.000000006Z stderr P tail\n");
    CHECK(LogFormatter::formatted_size("one\n\ntail") == out.size());
    CHECK(LogFormatter::formatted_size("") == 0);
    const auto record = parse_log_record("2026-01-02T03:04:05.000000006Z stderr P tail");
    REQUIRE(record);
    CHECK(record->stream == Stream::err);
    CHECK_FALSE(record->complete);
    CHECK(record->text == "tail");
    CHECK_FALSE(parse_log_record("2026-01-02T03:04:05.000000006Z stderr X tail"));
    CHECK_FALSE(parse_log_record("torn"));
}

TEST_CASE("a pump moves what is in the pipe into the log") {
    const TemporaryDirectory dir;
    boost::asio::io_context io;
    LogJournal journal;
    auto log = std::make_shared<LogFile>(dir.path, LogLimits{});
    base::Pipe pipe = base::make_pipe(O_NONBLOCK);
    std::string failure;
    auto pump = std::make_shared<LogPump>(io.get_executor(), pipe.read.duplicate(), container, Stream::out,
                                          journal, log, [&](const std::string &why) { failure = why; });
    std::string sent;
    for (int i = 0; i < 500; ++i)
        sent += "line " + std::to_string(i) + "\n";
    base::write_all(pipe.write.get(), sent, "pipe");
    pump->start();
    io.run_one();
    base::write_all(pipe.write.get(), "no newline", "pipe");
    pump->drain();
    pump->stop();
    CHECK(texts(dir.path) == sent + "no newline");
    CHECK(failure.empty());
}

TEST_CASE("no file of a log grows beyond its limit, however short the lines") {
    const TemporaryDirectory dir;
    constexpr std::uint64_t limit = 2000;
    boost::asio::io_context io;
    LogJournal journal;
    auto log = std::make_shared<LogFile>(dir.path, LogLimits{.max_size = {limit}, .max_files = 1000});
    base::Pipe pipe = base::make_pipe(O_NONBLOCK);
    auto pump = std::make_shared<LogPump>(io.get_executor(), pipe.read.duplicate(), container, Stream::out,
                                          journal, log, [](const std::string &why) { FAIL(why); });
    std::string sent;
    for (std::size_t i = 0; i < 400; ++i)
        sent += std::string(i % 5, 'x') + "\n";
    base::write_all(pipe.write.get(), sent, "pipe");
    pump->drain();
    pump->stop();
    CHECK(texts(dir.path) == sent);
    const auto files = LogFile::files(dir.path);
    for (const auto &file : files)
        CHECK(std::filesystem::file_size(file) <= limit);
    CHECK(files.size() < 2 * LogFormatter::formatted_size(sent) / limit);
}

TEST_CASE("a log rotates and keeps the newest files") {
    const TemporaryDirectory dir;
    LogFile log(dir.path, LogLimits{.max_size = {100}, .max_files = 3});
    for (int i = 0; i < 10; ++i) {
        const std::string record = "2026-01-02T03:04:05.000000006Z stdout F " + std::to_string(i) + "\n";
        log.rotate_for(record.size());
        log.append(record);
    }
    CHECK(LogFile::files(dir.path).size() == 3);
    CHECK(texts(dir.path) == "4\n5\n6\n7\n8\n9\n");
}

TEST_CASE("a successor writes exactly what its predecessor had read and not written") {
    const TemporaryDirectory dir;
    base::Pipe pipe = base::make_pipe(O_NONBLOCK);
    LogJournal journal;
    LogFile log(dir.path, LogLimits{});
    log.append("2026-01-02T03:04:05.000000006Z stdout F before\n");
    base::write_all(pipe.write.get(), "lost?\n", "pipe");

    SECTION("killed before anything was written") {
        REQUIRE(journal.read(pipe.read.get(), container, Stream::out, log.size()) == "lost?\n");
    }
    SECTION("killed in the middle of the append") {
        REQUIRE(journal.read(pipe.read.get(), container, Stream::out, log.size()) == "lost?\n");
        log.append("2026-01-02T03:04:05.000000006Z stdo");
    }
    LogJournal successor{base::UniqueFd(::fcntl(journal.fd(), F_DUPFD_CLOEXEC, 3))};
    CHECK(successor.pending().container == container);
    finish_pending(successor, log);
    CHECK(texts(dir.path) == "before\nlost?\n");
    CHECK(successor.pending().data.empty());
}

TEST_CASE("a successor knows that the log was moved aside for what is not written yet") {
    const TemporaryDirectory dir;
    base::Pipe pipe = base::make_pipe(O_NONBLOCK);
    LogJournal journal;
    LogFile log(dir.path, LogLimits{.max_size = {100}});
    const std::string before =
        "2026-01-02T03:04:05.000000006Z stdout F the first line, which nearly fills it\n";
    log.append(before);
    base::write_all(pipe.write.get(), "second\nthird\n", "pipe");
    REQUIRE_FALSE(journal.read(pipe.read.get(), container, Stream::out, log.size()).empty());
    REQUIRE(log.rotate_for(100));
    SECTION("killed before the journal was told") {}
    SECTION("killed in the middle of the append") {
        journal.moved_to(log.size());
        log.append("2026-01-02T03:04:05.000000006Z stdout F second\n2026-01-02T03:04:05.000000006Z stdo");
    }
    LogJournal successor{base::UniqueFd(::fcntl(journal.fd(), F_DUPFD_CLOEXEC, 3))};
    finish_pending(successor, log);
    CHECK(texts(dir.path) == "the first line, which nearly fills it\nsecond\nthird\n");
}

TEST_CASE("a successor finds nothing to do after a finished transfer") {
    base::Pipe pipe = base::make_pipe(O_NONBLOCK);
    LogJournal journal;
    CHECK(journal.read(pipe.read.get(), container, Stream::out, 0).empty());
    base::write_all(pipe.write.get(), "x", "pipe");
    CHECK(journal.read(pipe.read.get(), container, Stream::out, 0) == "x");
    journal.done();
    const LogJournal successor{base::UniqueFd(::fcntl(journal.fd(), F_DUPFD_CLOEXEC, 3))};
    CHECK(successor.pending().data.empty());
}
