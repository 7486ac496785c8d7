#include "sim/datacenter/serving/step_communication.hpp"

#include <algorithm>

#include "calibration/collectives/expert_exchange.hpp"
#include "calibration/collectives/timing.hpp"
#include "calibration/in_node_all_reduce.hpp"

namespace plenum::datacenter {
namespace {

using workload::CollectiveKind;

constexpr double slowest_nvlink = 100e9, slowest_pcie5 = 40e9;  // bytes/s of a GPU, one direction

}  // namespace

StepCommunication::StepCommunication(const workload::Transformer& model, const workload::ServingPlan& plan,
                                     calibration::Framework framework, const calibration::Device& device,
                                     const topology::NodeSpecification& node)
    : model_(model), plan_(plan), framework_(framework), device_(device), node_(node) {}

std::int64_t StepCommunication::domains(std::int64_t ranks) const {
  const std::int64_t domain = std::max<std::int64_t>(1, node_.gpus * node_.nvlink_domain_nodes);
  return (ranks + domain - 1) / domain;
}

/// On one node by NVLink. TensorRT-LLM's kernels reach the other nodes of an NVLink domain, too; those of SGLang and
/// vLLM open memory that only processes of one node can (until sgl-project/sglang #32339 and vllm-project/vllm #50000
/// of 2026). FlashInfer's for several nodes, which both can be told to use, are not priced.
bool StepCommunication::by_own_kernels(std::int64_t ranks) const {
  if (ranks <= 1) return true;
  const std::int64_t reach = framework_ == calibration::Framework::tensorrt_llm ? node_.nvlink_domain_nodes : 1;
  return node_.nvlink.value() >= slowest_nvlink && ranks <= reach * node_.gpus;
}

/// TensorRT-LLM's page lets NCCL go from peer to peer across sockets (NCCL_P2P_LEVEL=SYS), as the measured PCIe 5 nodes
/// do; without that the measured PCIe 4 node went through the host's memory.
std::string StepCommunication::nccl_medium() const {
  if (node_.nvlink.value() >= slowest_nvlink) return device_.specification.architecture;
  const bool peers = framework_ == calibration::Framework::tensorrt_llm || node_.nvlink.value() > slowest_pcie5;
  return peers ? "pcie5" : "pcie4";
}

calibration::Estimate StepCommunication::collective(double part, std::int64_t ranks, Bytes bytes) const {
  if (by_own_kernels(ranks)) return calibration::in_node_collective(device_, framework_, part, ranks, bytes);
  const calibration::Situation situation{.architecture = nccl_medium(),
                                         .ranks = ranks,
                                         .domains = domains(ranks),
                                         .link = node_.nvlink,
                                         .network = node_.nic};
  const auto kind = CollectiveKind::all_reduce;
  const auto method = calibration::choose(situation, kind, bytes);
  return {part * calibration::alone(situation, kind, method, bytes), calibration::Footing::inherited};
}

Bytes StepCommunication::fused_norm_limit() const {
  const bool blackwell = device_.specification.architecture == "blackwell";
  if (!by_own_kernels(plan_.tensor_parallel) || (!blackwell && device_.specification.architecture != "hopper"))
    return Bytes(0);
  constexpr std::int64_t mebibyte = 1 << 20;
  if (plan_.tensor_parallel == 2) return Bytes(64 * mebibyte);
  if (plan_.tensor_parallel == 4) return Bytes((blackwell ? 32 : 2) * mebibyte);
  if (plan_.tensor_parallel == 8) return Bytes(mebibyte / (blackwell ? 1 : 2));
  return Bytes(0);
}

Seconds StepCommunication::exchange(const workload::Communication& w) const {
  const std::int64_t ranks = plan_.stage_gpus(), all = w.bytes.value() / (2 * model_.hidden);
  calibration::ExpertExchange e{.architecture = device_.specification.architecture,
                                .combine = w.kind == CollectiveKind::reduce_scatter,
                                .ranks = ranks,
                                .domains = domains(ranks),
                                .tokens = std::max<std::int64_t>(1, (all + ranks - 1) / ranks),
                                .hidden = model_.hidden,
                                .top_k = model_.experts->active,
                                .link = node_.nvlink,
                                .nic = node_.nic};
  e.mode = calibration::ExchangeMode::low_latency;
  const Seconds for_latency = calibration::alone(e);
  e.mode = calibration::ExchangeMode::normal;
  return std::min(for_latency, calibration::alone(e));
}

calibration::Estimate StepCommunication::time_of(const workload::Communication& w) const {
  const bool among_all = w.group == workload::GroupDimension::data;
  const double part = w.kind == CollectiveKind::all_reduce ? 1 : 0.5;
  const auto gathered = collective(part, among_all ? plan_.stage_gpus() : plan_.tensor_parallel, w.bytes);
  const bool spread = model_.experts && plan_.expert_parallel == plan_.stage_gpus();
  if (!among_all || !spread) return gathered;
  const Seconds exchanged = exchange(w);
  if (exchanged >= gathered.time) return gathered;
  return {exchanged, calibration::weaker(gathered.footing, calibration::Footing::measured)};
}

}  // namespace plenum::datacenter
