// A Dockerfile as types: what was written, before variables are replaced.
#pragma once

#include "base/source.hpp"
#include "engine/build/checks.hpp"
#include "engine/build/heredoc.hpp"
#include "engine/image/config.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace build {

// Text as written, quotes and variables included. Empty where an option is not given.
struct Word {
    std::string text;
    base::Location location;
};

struct KeyValue {
    Word key;
    Word value;
};

// The shell form is one text for the shell; the exec form is the program and its arguments.
struct CommandLine {
    bool exec = false;
    std::vector<std::string> words; // shell form: exactly one, or none when nothing is written
    std::vector<Heredoc> heredocs;  // shell form only
};

struct From {
    Word image;
    Word platform;
    Word name; // lower case
};

// RUN --device=NAME[,required]: "vendor.com/class=name", "vendor.com/class" for the first of its kind, or
// "vendor.com/class=*" for all of them.
struct DeviceRequest {
    std::string name;
    std::optional<bool> required; // not given: the step runs without what is not there, and a warning says so
};

struct Run {
    CommandLine command;
    std::vector<Word> mounts;        // "type=cache,target=/x"; variables are allowed in all but from=
    std::string network = "default"; // or "none", "host"
    bool insecure = false;
    std::vector<DeviceRequest> devices;
};

struct Files {
    std::vector<Word> sources;
    std::vector<Heredoc> contents; // files written in the Dockerfile itself
    Word destination;
    Word chown;
    Word chmod;
    bool link = false;
    std::vector<Word> excludes;
};

struct Copy {
    Files files;
    Word from; // a stage, context or image; no variables
    bool parents = false;
};

struct Add {
    Files files;
    Word checksum;
    std::optional<bool> keep_git_dir;
    std::optional<bool> unpack; // by default tar archives of the context are, those of URLs are not
};

struct Env {
    std::vector<KeyValue> variables;
};

struct Label {
    std::vector<KeyValue> labels;
};

struct Argument {
    Word name;
    std::optional<Word> value;
};

struct Arg {
    std::vector<Argument> arguments;
};

struct Cmd {
    CommandLine command;
};

struct Entrypoint {
    CommandLine command;
};

struct Healthcheck {
    image::Healthcheck value;
};

struct Expose {
    std::vector<Word> ports;
};

struct Volume {
    std::vector<Word> paths;
};

struct User {
    Word user;
};

struct Workdir {
    Word path;
};

struct StopSignal {
    Word signal;
};

struct Shell {
    std::vector<std::string> words;
};

struct Maintainer {
    std::string name;
};

struct OnBuild {
    std::string trigger; // an instruction, with its here-documents
};

using Action = std::variant<From, Run, Copy, Add, Env, Label, Arg, Cmd, Entrypoint, Healthcheck, Expose,
                            Volume, User, Workdir, StopSignal, Shell, Maintainer, OnBuild>;

struct Instruction {
    std::string name; // upper case
    base::Location location;
    std::uint32_t last_line = 0; // from 1, here-documents included
    std::string text;            // as written, on one line
    Action action;
};

struct Stage {
    std::size_t index = 0;
    From from;
    base::Location location; // of FROM
    std::vector<Instruction> instructions;
};

struct Dockerfile {
    std::shared_ptr<const base::Source> source;
    std::optional<Directive> syntax;
    char escape = '\\';
    Checks checks;
    std::vector<Instruction> arguments; // the ARGs before the first FROM
    std::vector<Stage> stages;
};

} // namespace build
