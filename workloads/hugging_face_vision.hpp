// Vision encoders, read from the vision_config of a Hugging Face config.json.
#pragma once

#include "workloads/hugging_face_reader.hpp"
#include "workloads/model.hpp"

namespace plenum::workload {

/// By the whole file's model_type; one that is not known here leaves the model without an encoder, with a warning.
void read_vision(ConfigReader& whole, std::string_view model_type, Transformer&);

}  // namespace plenum::workload
