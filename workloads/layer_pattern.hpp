// Which layer of a model is of which kind.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "workloads/model.hpp"

namespace plenum::workload {

/// The same model for texts alone: neither the vision encoder nor layers that attend to images.
Transformer without_images(Transformer);

/// Letters that mean nothing, kinds whose sizes are missing: pointer below the model, message.
std::vector<std::pair<std::string, std::string>> check_layers(const Transformer&);

}  // namespace plenum::workload
