// The actions of `plenum calibrate`, one file each.
#pragma once

#include "sim/cli/command.hpp"

namespace plenum::cli {

ExitCode calibrate_fit(const Arguments&);
ExitCode calibrate_collectives(const Arguments&);
ExitCode calibrate_experts(const Arguments&);
ExitCode calibrate_engines(const Arguments&);
ExitCode calibrate_check(const Arguments&);
ExitCode calibrate_show(const Arguments&);
ExitCode calibrate_import(const Arguments&);
ExitCode calibrate_measure(const Arguments&);

}  // namespace plenum::cli
