#!/bin/bash
NODES=4
TP=2
MODEL_ARGS=(
    --num-layers 24   # of GPT
    --hidden-size 1024
    --num-attention-heads 16 --seq-length "${SEQ:-2048}" --vocab-size 50257
)
torchrun --nproc_per_node 8 --nnodes $NODES pretrain_gpt.py ${MODEL_ARGS[@]} \
    --tensor-model-parallel-size ${TP} --bf16
