// plenum_microbench OUT.json quick|full DEVICE [SUITE|FORMAT ...]: run by `plenum calibrate measure`.
#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "calibration/microbench/check.cuh"
#include "calibration/microbench/suites.cuh"

namespace {

struct Suite {
  const char* name;
  void (*measure)(microbench::Recorder&, int device);
};

// Power first: its first reading is of an idle card.
constexpr Suite suites[] = {
    {"power", microbench::power_and_clocks},       {"launches", microbench::launches_and_copies},
    {"memory", microbench::memory_kernels},        {"decode", microbench::paged_decode},
    {"experts", microbench::expert_permutation},   {"attention", microbench::attention_reference},
    {"products", microbench::matrix_products},     {"grouped", microbench::grouped_products},
    {"collectives", microbench::nccl_collectives}, {"overlap", microbench::overlap}};

int usage() {
  std::string names;
  for (const Suite& suite : suites) names += std::string(" ") + suite.name;
  std::fprintf(stderr,
               "usage: plenum_microbench OUT.json quick|full DEVICE [SUITE|FORMAT ...]\n"
               "suites:%s; all when none is named\nformats of products: bf16, fp8, ...; all when none is named\n",
               names.c_str());
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 3 || (arguments[1] != "quick" && arguments[1] != "full")) return usage();
  std::set<std::string> chosen, formats;
  for (std::size_t i = 3; i < arguments.size(); ++i) {
    const bool suite =
        std::any_of(std::begin(suites), std::end(suites), [&](auto& s) { return arguments[i] == s.name; });
    if (!suite && !microbench::is_format(arguments[i])) return usage();
    (suite ? chosen : formats).insert(arguments[i]);
  }
  if (chosen.empty() && !formats.empty()) chosen.insert("products");
  if (!formats.empty() && chosen.count("products") + chosen.count("overlap") == 0) return usage();
  const int device = std::atoi(argv[3]);
  int driver = 0, runtime = 0;
  CHECK(cudaDriverGetVersion(&driver));
  CHECK(cudaRuntimeGetVersion(&runtime));
  microbench::Recorder recorder(arguments[0], arguments[1] == "full", device, formats);
  recorder.fact("CUDA driver", std::to_string(driver));
  recorder.fact("CUDA runtime", std::to_string(runtime));
  std::string only;
  for (std::size_t i = 3; i < arguments.size(); ++i) only += (only.empty() ? "" : " ") + arguments[i];
  if (!only.empty()) recorder.fact("only", only);
  for (const Suite& suite : suites)
    if (chosen.empty() || chosen.count(suite.name) > 0) suite.measure(recorder, device);
  recorder.finish("plenum_microbench, CUDA " + std::to_string(runtime / 1000) + "." +
                  std::to_string(runtime % 1000 / 10));
  return recorder.all_right() ? 0 : 1;
}
