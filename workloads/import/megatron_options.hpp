// Which options of Megatron-LM there are, as far as it matters here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plenum::workload {

/// Options that the import reads.
const std::vector<std::string>& used_options();
bool is_used(std::string_view option);

/// Options that change learning, files or logs, but not how long a step takes.
bool has_no_effect(std::string_view option);

}  // namespace plenum::workload
