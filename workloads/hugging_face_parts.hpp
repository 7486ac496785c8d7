// What architectures have beyond the plain transformer, read from their config.json.
#pragma once

#include "workloads/hugging_face_reader.hpp"
#include "workloads/model.hpp"

namespace plenum::workload {

void read_roberta(ConfigReader&, Transformer&);     ///< two rows of its positions are no places of tokens
void read_mistral(ConfigReader&, Transformer&);     ///< windows in all layers, where the file has one
void read_mixtral(ConfigReader&, Transformer&);     ///< the same, with experts
void read_qwen(ConfigReader&, Transformer&);        ///< windows, when asked for, behind the first layers
void read_qwen_moe(ConfigReader&, Transformer&);    ///< the same, with experts
void read_mllama(ConfigReader&, Transformer&);      ///< layers that attend to images
void read_experts(ConfigReader&, Transformer&);     ///< MiniMax-M2, Grok-1, Qwen3-VL
void read_deepseek(ConfigReader&, Transformer&);    ///< latent attention, shared experts, multi-token prediction
void read_llama4(ConfigReader&, Transformer&);      ///< chunked attention, a shared expert as wide as the routed ones
void read_gpt_oss(ConfigReader&, Transformer&);     ///< every second layer with a window
void read_gemma2(ConfigReader&, Transformer&);      ///< every second layer with a window
void read_gemma3(ConfigReader&, Transformer&);      ///< five of six layers with a window
void read_qwen3_next(ConfigReader&, Transformer&);  ///< Gated DeltaNet, every fourth layer attention; Qwen3.5 as well
void read_nemotron_h(ConfigReader&, Transformer&);  ///< Mamba-2, attention, MLP and experts by a pattern

/// "layer_types", which newer files state layer by layer, overrule what the architecture usually has. False: not there.
bool read_layer_types(ConfigReader&, Transformer&);

}  // namespace plenum::workload
