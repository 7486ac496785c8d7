// `plenum list`: names in the catalogues.
#include <fmt/format.h>

#include <array>
#include <iostream>

#include "calibration/device.hpp"
#include "sim/cli/command.hpp"
#include "sim/scenario/scenario.hpp"
#include "topologies/specification.hpp"
#include "workloads/model.hpp"

namespace plenum::cli {
namespace {

template <class Enum>
std::vector<std::string> names() {
  const auto all = names_of(Enum{});
  return {all.begin(), all.end()};
}

struct Catalogue {
  std::string_view name;
  std::vector<std::string> (*names)();
};

constexpr std::array catalogues{
    Catalogue{"gpus", calibration::device_names},        Catalogue{"models", workload::model_names},
    Catalogue{"clusters", topology::preset_names},       Catalogue{"scenarios", scenario::scenario_names},
    Catalogue{"engines", workload::engine_names},        Catalogue{"fabrics", names<topology::FabricKind>},
    Catalogue{"routings", names<topology::RoutingKind>},
};

Syntax syntax() {
  Syntax syntax{"plenum list [CATALOGUE]",
                "Names that scenarios can use. CATALOGUE: gpus, models, clusters, scenarios, engines, fabrics or\n"
                "routings; without it, all of them.",
                "  plenum list\n  plenum list gpus\n",
                po::options_description("Options"),
                {"catalogue"}};
  syntax.options.add_options()("catalogue", po::value<std::string>(), "");
  return syntax;
}

void show_all() {
  for (const auto& catalogue : catalogues) {
    std::cout << catalogue.name << "\n";
    for (const auto& name : catalogue.names()) std::cout << "  " << name << "\n";
  }
}

}  // namespace

ExitCode list(const Arguments& arguments) {
  const auto values = parse(syntax(), arguments);
  if (!values.count("catalogue")) {
    show_all();
    return ExitCode::done;
  }
  const auto& wanted = values["catalogue"].as<std::string>();
  std::vector<std::string> known;
  for (const auto& catalogue : catalogues) {
    known.emplace_back(catalogue.name);
    if (catalogue.name != wanted) continue;
    for (const auto& name : catalogue.names()) std::cout << name << "\n";
    return ExitCode::done;
  }
  fail_usage(syntax(), fmt::format("unknown catalogue \"{}\"{}", wanted, suggestion(wanted, known)));
}

}  // namespace plenum::cli
