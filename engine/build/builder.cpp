#include "engine/build/builder.hpp"

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/build/exported_caches.hpp"
#include "engine/build/file_checks.hpp"
#include "engine/build/image_origins.hpp"
#include "engine/build/known_bases.hpp"
#include "engine/build/parse.hpp"
#include "engine/build/sbom_scan.hpp"
#include "engine/build/stage_runner.hpp"
#include "engine/build/stage_schedule.hpp"
#include "engine/build/step_directory.hpp"
#include "engine/build/step_lock.hpp"
#include "engine/image/pull.hpp"

#include <algorithm>

namespace build {

namespace {

void throw_errors(const base::Diagnostics &diagnostics) {
    if (!diagnostics.has_errors())
        return;
    std::vector<base::Diagnostic> errors = diagnostics.sorted();
    std::erase_if(errors,
                  [](const base::Diagnostic &each) { return each.severity != base::Severity::error; });
    throw base::LoadError(std::move(errors));
}

// Beside which its own .dockerignore may be.
std::filesystem::path own_dockerfile(const BuildOptions &options) {
    return options.dockerfile_path.empty() ? options.context / "Dockerfile" : options.dockerfile_path;
}

bool is_hermetic(const Plan &plan, const BuildOptions &options) {
    for (const StagePlan &stage : plan.stages)
        for (const Step &step : stage.steps)
            if (const auto *run = std::get_if<RunStep>(&step.action))
                if (run->network != "none" && (run->network != "default" || options.network != "none"))
                    return false;
    return true;
}

class Builder {
  public:
    Builder(image::Store &store, const BuildOptions &options)
        : store_(store), options_(options), ingest_(store), cancellation_(options.cancel_fd),
          reporter_(options), images_(store, ingest_, options, cancellation_, reporter_),
          remote_(store.paths(), cancellation_), agents_(store.paths(), options.ssh, cancellation_),
          imports_(store.paths(), ingest_, options, cancellation_, reporter_),
          workshop_{.store = store,
                    .options = options,
                    .ingest = ingest_,
                    .cache = image::LayerCache(store.paths()),
                    .cancellation = cancellation_,
                    .remote = remote_,
                    .agents = agents_,
                    .imports = imports_,
                    .made = exports_cache(options) ? &made_ : nullptr,
                    .open = [this](const Origin &origin) { return open(origin); }} {}

    // Under the names of the options.
    image::Image run() {
        image::Image image = publish(make());
        write_caches({store_.paths(), options_, cancellation_, reporter_}, cacheable_);
        return image;
    }

    Built run_part() {
        // Before the work is done, should it not be there.
        const ImageOrigins::Found *scanner =
            options_.sbom ? &images_.get(options_.sbom->generator, options_.request.build_platform) : nullptr;
        const image::ImageConfig config = make();
        std::vector<SbomDocument> sbom;
        if (scanner != nullptr)
            sbom = scan(workshop_, reporter_, *scanner, result_);
        const Reporter::Step report = reporter_.start("exporting manifest");
        Built built{ingest_.put_manifest(config, result_.blobs), std::move(cacheable_), facts(),
                    std::move(sbom)};
        report.done(built.manifest.digest);
        return built;
    }

    static std::vector<std::string> canonical(const std::vector<image::Reference> &references) {
        std::vector<std::string> names;
        names.reserve(references.size());
        for (const image::Reference &reference : references)
            names.push_back(reference.canonical());
        return names;
    }

  private:
    [[nodiscard]] BuildFacts facts() const {
        BuildFacts facts{started_, base::now(), {}, hermetic_};
        if (!options_.provenance)
            return facts;
        facts.materials = images_.materials();
        for (Material &material : remote_.materials())
            facts.materials.push_back(std::move(material));
        return facts;
    }

    image::Image publish(const image::ImageConfig &config) {
        const std::string id = "sha256:" + base::sha256_hex(config.json());
        if (auto present = published(id))
            return *std::move(present);
        const Reporter::Step report = reporter_.start("exporting to image");
        image::Image image =
            ingest_.commit(ingest_.put_manifest(config, result_.blobs), canonical(options_.names));
        report.done(image.id);
        return image;
    }

    // All steps. @returns the configuration of the image, whose layers are `result_`.
    image::ImageConfig make() {
        base::Diagnostics diagnostics;
        const Dockerfile file = parse_dockerfile(options_.dockerfile, diagnostics);
        throw_errors(diagnostics);
        open_contexts(diagnostics);
        check_ignored_files(file, contexts_.at("").ignored, diagnostics);
        base::Diagnostics planned; // again by make_plan()
        if (const std::vector<Origin> images = images_needed(file, options_.request, planned);
            images.size() > 1)
            images_.prefetch(images);
        const Plan plan = make_plan(
            file, options_.request, [this](const Origin &origin) { return base_config(origin); },
            diagnostics);
        cancellation_.check();
        throw_errors(diagnostics);
        for (const base::Diagnostic &each : diagnostics.sorted())
            reporter_.warn(base::to_string(each.location) + ": " + each.message);
        hermetic_ = is_hermetic(plan, options_);
        StageSchedule schedule(plan, cancellation_);
        schedule_ = &schedule;
        shortcuts_ = find_shortcuts(workshop_, plan, imports_);
        schedule.run([this](const StagePlan &stage) { return make(stage); }, shortcuts_.on_demand);
        for (const auto &[name, context] : contexts_)
            context.cache->save();
        const ExportedCaches exports(workshop_, plan, made_);
        cacheable_ = exports.steps();
        return result(plan.stages.back(), schedule.result(plan.stages.back().index), exports);
    }

    void open_contexts(base::Diagnostics &diagnostics) {
        contexts_[""] = context_of(options_.context,
                                   IgnoreRules::read(options_.context, own_dockerfile(options_), diagnostics),
                                   "the build context");
        for (const auto &[name, context] : options_.contexts)
            if (const auto *directory = std::get_if<std::filesystem::path>(&context))
                contexts_[name] = context_of(
                    *directory, IgnoreRules::read(*directory, *directory / "Dockerfile", diagnostics),
                    "the context " + name);
    }

    [[nodiscard]] ContextFiles context_of(const std::filesystem::path &directory, IgnoreRules ignored,
                                          std::string name) const {
        const std::filesystem::path real = std::filesystem::canonical(directory);
        const base::fs::path cache =
            build_directory(store_.paths()) / "contexts" / base::sha256_hex(real.string());
        return {real, std::move(ignored), std::make_shared<StatCache>(cache), std::move(name)};
    }

    image::ImageConfig base_config(const Origin &origin) {
        if (origin.kind == Origin::Kind::image)
            return images_.get(origin.name, origin.platform).config;
        if (const auto *image = std::get_if<std::string>(&options_.contexts.at(origin.name)))
            return images_.get(*image, origin.platform).config;
        throw base::Error("a stage can't begin with the context " + origin.name + ", which is a directory",
                          "begin with `FROM scratch` and COPY --from=" + origin.name);
    }

    OriginFiles layers_of(const std::string &image, const image::Platform &platform) {
        const ImageOrigins::Found &found = images_.get(image, platform);
        return {nullptr, found.layers, "the image " + found.name};
    }

    OriginFiles open(const Origin &origin) {
        switch (origin.kind) {
        case Origin::Kind::nothing:
            return {nullptr, {}, "scratch"};
        case Origin::Kind::context:
            return {&contexts_.at(""), {}, {}};
        case Origin::Kind::named:
            if (const auto *image = std::get_if<std::string>(&options_.contexts.at(origin.name)))
                return layers_of(*image, origin.platform);
            return {&contexts_.at(origin.name), {}, {}};
        case Origin::Kind::stage:
            return {nullptr, schedule_->result(origin.stage), "the stage " + std::to_string(origin.stage)};
        case Origin::Kind::image:
            break;
        }
        return layers_of(origin.name, origin.platform);
    }

    LayerStack make(const StagePlan &stage) {
        const OriginFiles base = open(stage.base);
        const bool is_image =
            stage.base.kind == Origin::Kind::image || stage.base.kind == Origin::Kind::named;
        return StageRunner(workshop_, reporter_, shortcuts_, stage)
            .run(base.layers, is_image ? stage.base.name : "");
    }

    image::ImageConfig result(const StagePlan &stage, const LayerStack &stack,
                              const ExportedCaches &exports) {
        image::ImageConfig config = stage.config;
        config.diff_ids = stack.diff_ids;
        config.history = stack.history;
        config.created = stack.created;
        config.build_cache = exports.for_image(config.diff_ids);
        if (options_.source_date_epoch)
            config.created = base::Timestamp(std::chrono::seconds(*options_.source_date_epoch));
        result_ = stack;
        return config;
    }

    // The image, when every name means it already.
    [[nodiscard]] std::optional<image::Image> published(const std::string &id) const {
        const auto means_it = [&](const image::Reference &name) {
            const auto named = store_.find(name.canonical());
            // As a part of a list it has attestations, which are not asked for now.
            return named && named->id == id && !named->list;
        };
        return std::all_of(options_.names.begin(), options_.names.end(), means_it) ? store_.find(id)
                                                                                   : std::nullopt;
    }

    image::Store &store_;
    const BuildOptions &options_;
    image::Ingest ingest_;
    Cancellation cancellation_;
    Reporter reporter_;
    ImageOrigins images_;
    RemoteSources remote_;
    SshAgents agents_;
    std::map<std::string, ContextFiles> contexts_; // "" is the build context
    StageSchedule *schedule_ = nullptr;
    ImportedCaches imports_;
    MadeSteps made_;
    Shortcuts shortcuts_;
    LayerStack result_;
    CacheableSteps cacheable_;
    const base::Timestamp started_ = base::now();
    bool hermetic_ = false;
    Workshop workshop_;
};

} // namespace

image::Image build(image::Store &store, const BuildOptions &options) {
    sweep_steps(store.paths());
    sweep_step_locks(store.paths());
    return Builder(store, options).run();
}

Built build_part(image::Store &store, const BuildOptions &options) {
    sweep_steps(store.paths());
    sweep_step_locks(store.paths());
    return Builder(store, options).run_part();
}

image::Image publish(image::Store &store, const std::vector<Built> &parts, const BuildOptions &options) {
    image::Ingest ingest(store);
    image::ManifestList list;
    CacheableSteps steps;
    for (const Built &part : parts) {
        list.manifests.push_back(part.manifest);
        steps.add(part.steps);
    }
    const std::string invocation = base::random_hex(24);
    for (const Built &part : parts) {
        std::vector<image::Statement> statements = sbom_statements(part.sbom, options.names, part.manifest);
        if (options.provenance)
            statements.push_back(provenance(options, part.facts, part.manifest, invocation));
        if (!statements.empty())
            list.manifests.push_back(image::put_attestation(ingest.content(), part.manifest, statements));
    }
    image::Image image = ingest.commit_list(ingest.put_list(list), Builder::canonical(options.names));
    Reporter reporter(options);
    const Cancellation cancellation(options.cancel_fd);
    write_caches({store.paths(), options, cancellation, reporter}, steps);
    return image;
}

std::vector<base::Diagnostic> lint(image::Store &store, const BuildOptions &options) {
    base::Diagnostics diagnostics;
    const Dockerfile file = parse_dockerfile(options.dockerfile, diagnostics);
    if (!diagnostics.has_errors()) {
        static_cast<void>(make_plan(file, options.request, known_bases(store, options), diagnostics));
        check_ignored_files(file, IgnoreRules::read(options.context, own_dockerfile(options), diagnostics),
                            diagnostics);
    }
    return diagnostics.sorted();
}

} // namespace build
