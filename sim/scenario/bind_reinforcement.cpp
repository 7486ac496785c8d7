#include "sim/scenario/bind_reinforcement.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "workloads/training/forward_only.hpp"

namespace plenum::scenario {
namespace {

constexpr std::int64_t most_updates = 256;  ///< of a step: each is simulated
constexpr std::int64_t most_samples = 1 << 20;

/// What is wrong with a job whatever its models and GPUs are.
class RoleChecker {
 public:
  RoleChecker(const ReinforcementJob& job, const std::string& pointer, Complaints& complaints)
      : job_(job), pointer_(pointer), complaints_(complaints) {}

  bool run() {
    check_roles();
    check_placement();
    if (job_.algorithm == Algorithm::dpo) check_preferences();
    check_length(job_.samples.prompt, "/prompt/minimum");
    check_length(job_.samples.response, "/response/minimum");
    check_batches();
    return good_;
  }

 private:
  void complain(const std::string& below, std::string message) {
    complaints_.add(pointer_ + below, std::move(message));
    good_ = false;
  }

  void check_roles() {
    if (job_.algorithm == Algorithm::ppo && !job_.critic)
      complain("/algorithm", R"(ppo needs a "critic": {"model": ...}; grpo has none)");
    if (job_.algorithm != Algorithm::ppo && job_.critic)
      complain("/critic", "only ppo trains a critic; leave it out, or \"algorithm\": \"ppo\"");
    if (job_.algorithm != Algorithm::dpo && !job_.rollout)
      complain("/rollout", "it is missing: how are the responses generated? (dpo has them given)");
  }

  void check_placement() {
    const bool apart = job_.rollout && job_.rollout->gpus > 0, colocated = job_.rollout && !apart;
    if (job_.one_step_off && !apart)
      complain("/one_step_off", "generating beside training needs a rollout with GPUs of its own: rollout/gpus");
    if (job_.offload != workload::Offload::none && !colocated)
      complain("/offload",
               R"(no rollout is on the same GPUs; training has nothing to make room for: "offload": "none")");
  }

  void check_preferences() {
    if (job_.rollout) complain("/rollout", "dpo learns from pairs that are given; leave the rollout out");
    if (job_.reward_model) complain("/reward_model", "dpo learns from pairs that are given; leave it out");
    if (job_.weight_sync != WeightSync::broadcast)
      complain("/weight_sync", "no engine takes new weights over in dpo; leave it out");
    if (job_.reward_time > Seconds(0)) complain("/reward_time", "dpo's pairs are judged already; leave it out");
    if (job_.samples.samples_per_prompt != 2)
      complain("/samples_per_prompt",
               fmt::format("{} responses are no pair; dpo has 2 to every prompt", job_.samples.samples_per_prompt));
  }

  void check_length(const workload::LengthSpecification& length, const char* below) {
    if (length.kind == workload::LengthKind::uniform && length.minimum > length.tokens)
      complain(below, "\"minimum\" is larger than \"tokens\"");
  }

  void check_batches() {
    const std::int64_t count = job_.samples.count(), batch = job_.plan.global_batch;
    if (job_.plan.images > 0) complain("/plan/images", "samples of reinforcement learning are text; leave it out");
    if (batch <= 0) return;
    if (count > most_samples)
      complain("/samples_per_prompt",
               fmt::format("{} samples in a step; at most {} are simulated", count, most_samples));
    if (count % batch != 0)
      complain("/plan/global_batch", fmt::format("mini-batches of {} samples don't divide the step's {} x {} = {}",
                                                 batch, job_.samples.prompts, job_.samples.samples_per_prompt, count));
    else if (job_.epochs * (count / batch) > most_updates)
      complain("/plan/global_batch", fmt::format("{} updates in a step; at most {} are simulated",
                                                 job_.epochs * (count / batch), most_updates));
  }

  const ReinforcementJob& job_;
  const std::string& pointer_;
  Complaints& complaints_;
  bool good_ = true;
};

class ReinforcementBinder {
 public:
  ReinforcementBinder(const ReinforcementJob& job, const calibration::Device& device, const std::string& pointer,
                      Complaints& complaints)
      : job_(job), device_(device), pointer_(pointer), complaints_(complaints) {}

  std::optional<BoundReinforcement> bind(const std::string& name, ReinforcementModels models, GpuRange gpus,
                                         BytesPerSecond host_link) {
    BoundReinforcement bound{.name = name,
                             .algorithm = job_.algorithm,
                             .model = std::move(models.actor),
                             .plan = job_.plan,
                             .samples = job_.samples,
                             .rollout = {},
                             .reference = job_.reference,
                             .old_log_probs = job_.old_log_probs,
                             .reward_time = job_.reward_time,
                             .reward_model = {},
                             .critic = {},
                             .epochs = job_.epochs,
                             .one_step_off = job_.one_step_off,
                             .weight_sync = job_.weight_sync,
                             .offload = job_.offload,
                             .host_link = host_link,
                             .first_gpu = gpus.first};
    if (models.critic) bound.critic = workload::value_model(std::move(*models.critic));
    if (models.reward) bound.reward_model = workload::value_model(std::move(*models.reward));
    const std::int64_t own = job_.rollout ? job_.rollout->gpus : 0;
    if (own >= gpus.count) {
      complain("/rollout/gpus",
               fmt::format("{} GPUs of the rollout leave none of the job's {} for training", own, gpus.count));
      return std::nullopt;
    }
    check_plan(bound, gpus.count - own);
    if (good_) resolve_recompute(bound);
    if (job_.rollout)
      bind_rollout(bound, {own > 0 ? gpus.first + gpus.count - own : gpus.first, own > 0 ? own : gpus.count});
    return good_ ? std::optional(std::move(bound)) : std::nullopt;
  }

 private:
  void complain(const std::string& below, std::string message) {
    complaints_.add(pointer_ + below, std::move(message));
    good_ = false;
  }

  void check_plan(BoundReinforcement& bound, std::int64_t gpus) {
    for (const auto& [below, message] : workload::complete(bound.plan, bound.model, gpus))
      complain("/plan" + below, message);
    const auto& peaks = device_.specification.peak;
    if (!peaks.empty() && !peaks.contains(bound.plan.precision)) {
      std::vector<std::string_view> known;
      for (const auto& [name, peak] : peaks) known.push_back(name_of(name));
      complain("/plan/precision", fmt::format("{} does not compute in {}; it has {}", device_.name,
                                              name_of(bound.plan.precision), fmt::join(known, ", ")));
    }
    if (good_) warn_of_no_effect(bound.plan, bound.model, pointer_ + "/plan", complaints_);
    if (good_) check_other_models(bound, gpus);
    if (job_.rollout && bound.plan.sequence_length > bound.model.context)
      complain("/plan/sequence_length", fmt::format("samples of up to {} tokens exceed the model's context of {}",
                                                    bound.plan.sequence_length, bound.model.context));
    const auto& prompt = job_.samples.prompt;
    if (prompt.kind != workload::LengthKind::log_normal && prompt.tokens >= bound.plan.sequence_length)
      complain("/prompt/tokens", fmt::format("prompts of {} tokens leave no room for a response in the plan's "
                                             "sequence_length of {}",
                                             prompt.tokens, bound.plan.sequence_length));
  }

  /// Critic and reward model have the actor's plan.
  void check_other_models(const BoundReinforcement& bound, std::int64_t gpus) {
    const auto check = [&](const std::optional<workload::Transformer>& model, const std::string& below) {
      if (!model) return;
      auto plan = bound.plan;
      for (const auto& [place, message] : workload::complete(plan, *model, gpus))
        complain(below, fmt::format("it has the actor's plan, where {} is wrong for it: {}", place.substr(1), message));
    };
    check(bound.critic, "/critic/model");
    check(bound.reward_model, "/reward_model/model");
  }

  /// Frozen roles that stay on the GPU leave less for the actor.
  void resolve_recompute(BoundReinforcement& bound) {
    if (bound.plan.recompute != workload::Recompute::automatic) return;
    const auto memory = bound.memory(bound.plan);
    const Bytes others = memory.training(job_.offload) - memory.actor.total();
    workload::recompute_least(bound.model, bound.plan, device_.specification.memory - std::max(Bytes{}, others));
  }

  void bind_rollout(BoundReinforcement& bound, GpuRange gpus) {
    ServingJob engine = job_.rollout->engine;
    engine.requests.arrivals = workload::ArrivalKind::at_once;
    engine.requests.count = job_.samples.count();
    if (good_ && job_.rollout->gpus == 0) engine.held_by_others = bound.memory(bound.plan).resident(job_.offload);
    bound.rollout = bind_serving(engine, bound.name, bound.model, gpus, device_, pointer_ + "/rollout", complaints_);
    if (!bound.rollout) {
      good_ = false;
      return;
    }
    bound.rollout->engine.token_front_end = bound.rollout->engine.token_copy = Seconds(0);  // nobody gets a stream
    bound.rollout->host_link = bound.host_link;
    if (const std::int64_t used = bound.rollout->gpus(); job_.rollout->gpus > 0 && used != gpus.count)
      complain("/rollout/replicas", fmt::format("{} of the rollout's {} GPUs are used; {} replicas would use all", used,
                                                gpus.count, gpus.count / bound.rollout->pool.plan.gpus()));
    if (bound.rollout->pool.kv_tokens < bound.plan.sequence_length)
      complain("/rollout", fmt::format("the KV cache holds {} tokens, a sample has up to {} (the plan's "
                                       "sequence_length); more tensor_parallel or \"offload\" make room",
                                       bound.rollout->pool.kv_tokens, bound.plan.sequence_length));
  }

  const ReinforcementJob& job_;
  const calibration::Device& device_;
  const std::string& pointer_;
  Complaints& complaints_;
  bool good_ = true;
};

}  // namespace

bool check_reinforcement(const ReinforcementJob& job, const std::string& pointer, Complaints& complaints) {
  return RoleChecker(job, pointer, complaints).run();
}

std::optional<BoundReinforcement> bind_reinforcement(const ReinforcementJob& job, const std::string& name,
                                                     ReinforcementModels models, GpuRange gpus,
                                                     const calibration::Device& device, BytesPerSecond host_link,
                                                     const std::string& pointer, Complaints& complaints) {
  return ReinforcementBinder(job, device, pointer, complaints).bind(name, std::move(models), gpus, host_link);
}

}  // namespace plenum::scenario
