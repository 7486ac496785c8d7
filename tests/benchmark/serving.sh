#!/usr/bin/env bash
# Serving as a whole process, request lists in and per-request times out: seconds (best of three) and memory.
# usage: serving.sh PLENUM LIST.csv MODEL CLUSTER TENSOR_PARALLEL [REPLICAS]
set -euo pipefail
plenum=$(readlink -f "$1") list=$(readlink -f "$2") model=$3 cluster=$4 tensor=$5 replicas=${6:-1}
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
cat >"$folder/scenario.json" <<JSON
{"cluster": {"preset": "$cluster", "nodes": $(((tensor * replicas + 7) / 8))},
 "jobs": [{"serving": {"model": {"preset": "$model", "context": 131072}, "engine": "vllm", "replicas": $replicas,
                       "plan": {"tensor_parallel": $tensor}, "requests": {"file": "$list"}}}]}
JSON
for _ in 1 2 3; do
  /usr/bin/time -f "%e %M" "$plenum" run "$folder/scenario.json" --requests "$folder/requests.csv" 2>&1 >/dev/null
done | sort -n | head -1 | awk '{printf "%s s, %.0f MB\n", $1, $2 / 1024}'
