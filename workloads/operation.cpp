#include "workloads/operation.hpp"

namespace plenum::workload {
namespace {

double product(std::initializer_list<std::int64_t> factors) {
  double result = 1;
  for (std::int64_t factor : factors) result *= static_cast<double>(factor);
  return result;
}

struct FlopsOfWork {
  double operator()(const MatrixProduct& p) const { return 2 * product({p.m, p.n, p.k, p.batch}); }
  double operator()(const GroupedProduct& p) const { return 2 * product({p.groups, p.m, p.n, p.k}); }
  double operator()(const Attention& a) const {
    const double whole = 4 * product({a.batch, a.heads, a.query_length, a.kv_length, a.head_dim});
    return whole * (a.causal ? 0.5 : 1) * (a.pass == AttentionPass::backward ? 2.5 : 1);
  }
  double operator()(const MemoryBound&) const { return 0; }
  double operator()(const Communication&) const { return 0; }
};

}  // namespace

Flops flops_of(const Operation& operation) {
  return Flops(std::visit(FlopsOfWork{}, operation.work) * static_cast<double>(operation.count));
}

}  // namespace plenum::workload
