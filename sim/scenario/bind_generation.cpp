#include "sim/scenario/bind_generation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "workloads/diffusion/generation.hpp"

namespace plenum::scenario {
namespace {

class GenerationBinder {
 public:
  GenerationBinder(const GenerationJob& job, const calibration::Device& device, const std::string& pointer,
                   Complaints& complaints)
      : job_(job), device_(device), pointer_(pointer), complaints_(complaints) {}

  std::optional<BoundGeneration> bind(const std::string& name, workload::Transformer model, GpuRange gpus) {
    if (!model.diffusion) {
      complain("/model",
               fmt::format("{} is a language model, no diffusion transformer; \"serving\" serves it", model.name));
      return std::nullopt;
    }
    BoundGeneration bound{.name = name,
                          .model = std::move(model),
                          .encoder = {},
                          .arrivals = job_.requests.arrivals,
                          .plan = job_.plan,
                          .replicas = job_.replicas,
                          .router = job_.router,
                          .first_gpu = gpus.first};
    check_requests();
    for (const auto& [below, message] : workload::check(bound.plan, bound.model)) complain("/plan" + below, message);
    check_precision();
    bind_encoder(bound);
    place(bound, gpus.count);
    if (good_) check_memory(bound);
    return good_ ? std::optional(std::move(bound)) : std::nullopt;
  }

 private:
  void complain(const std::string& below, std::string message) {
    complaints_.add(pointer_ + below, std::move(message));
    good_ = false;
  }

  void check_requests() {
    const auto& arrivals = job_.requests.arrivals;
    if (arrivals.count == 0) complain("/requests", "\"count\" says how many are asked for; it is missing");
    const bool open = arrivals.per_second > 0, closed = arrivals.concurrency > 0;
    if (open && closed)
      complain("/requests/concurrency", "give either \"per_second\" (open loop) or \"concurrency\" (closed loop)");
    if (!open && !closed && arrivals.arrivals != workload::ArrivalKind::at_once)
      complain("/requests", "give \"per_second\" (open loop) or \"concurrency\" (closed loop)");
    if (job_.router > RouterKind::power_of_two)
      complain("/router", "pictures have neither prefixes nor sessions; least-loaded would be right");
  }

  void check_precision() {
    const auto& peaks = device_.specification.peak;
    if (peaks.contains(job_.plan.precision)) return;
    std::vector<std::string_view> known;
    for (const auto& [name, peak] : peaks) known.push_back(name_of(name));
    complain("/plan/precision", fmt::format("{} does not compute in {}; it has {}", device_.name,
                                            name_of(job_.plan.precision), fmt::join(known, ", ")));
  }

  void bind_encoder(BoundGeneration& bound) {
    const std::string& name = bound.model.diffusion->text_encoder;
    if (name.empty()) return;
    Issues unknown;
    bound.encoder = workload::find_model(name, unknown);
    for (const auto& issue : unknown.all()) complain("/model/diffusion/text_encoder", issue.message);
    if (bound.encoder && bound.encoder->diffusion)
      complain("/model/diffusion/text_encoder", fmt::format("{} encodes no text", name));
  }

  void place(BoundGeneration& bound, std::int64_t gpus) {
    const std::int64_t room = gpus / bound.plan.gpus();
    if (bound.replicas == 0) bound.replicas = room;
    if (bound.replicas < 1 || bound.replicas > room)
      complain("/replicas", fmt::format("{} replicas of {} GPUs exceed the job's {} GPUs",
                                        std::max<std::int64_t>(1, bound.replicas), bound.plan.gpus(), gpus));
  }

  void check_memory(const BoundGeneration& bound) {
    const auto memory = workload::generation_memory(bound.model, bound.plan, bound.encoder ? &*bound.encoder : nullptr);
    const Bytes capacity = device_.specification.memory;
    if (memory.total() <= capacity) return;
    complain("/plan",
             fmt::format("weights {}, text encoder {}, activations {} and {} beside them exceed the {} of {} "
                         "by {}; fewer pictures at once, more sequence_parallel, a narrower precision or "
                         "texts that come encoded (text_encoder \"\") make it smaller",
                         format(memory.weights), format(memory.encoder), format(memory.activations),
                         format(memory.buffers), format(capacity), device_.name, format(memory.total() - capacity)));
  }

  const GenerationJob& job_;
  const calibration::Device& device_;
  const std::string& pointer_;
  Complaints& complaints_;
  bool good_ = true;
};

}  // namespace

std::optional<BoundGeneration> bind_generation(const GenerationJob& job, const std::string& name,
                                               workload::Transformer model, GpuRange gpus,
                                               const calibration::Device& device, const std::string& pointer,
                                               Complaints& complaints) {
  return GenerationBinder(job, device, pointer, complaints).bind(name, std::move(model), gpus);
}

}  // namespace plenum::scenario
