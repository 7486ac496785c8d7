#!/usr/bin/env bash
# Serving as a whole process, requests in and results out: seconds and memory.
# usage: serving.sh PLENUM LIST.csv MODEL CLUSTER TENSOR_PARALLEL [REPLICAS]   a list, per-request times written (best of three)
#        serving.sh PLENUM scale [REQUESTS...]    Llama-3.1-8B on 1,000 H100, drawn chats at 5,000 per second (once each)
set -euo pipefail
plenum=$(readlink -f "$1")
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT

timed() { /usr/bin/time -f "%e %M" "$@" 2>&1 >/dev/null | awk '{printf "%s s, %.0f MB\n", $1, $2 / 1024}'; }

if [[ $2 == scale ]]; then
  cat >"$folder/scenario.json" <<'JSON'
{"cluster": {"preset": "DGX-H100", "nodes": 125},
 "jobs": [{"serving": {"model": "Llama-3.1-8B", "engine": "vllm", "replicas": 1000,
   "requests": {"per_second": 5000, "count": 1,
     "prompt": {"kind": "log-normal", "tokens": 1155, "coefficient_of_variation": 0.96, "maximum": 8192},
     "output": {"kind": "log-normal", "tokens": 211, "coefficient_of_variation": 0.77, "maximum": 2048}}}}]}
JSON
  for requests in "${@:3}"; do
    echo "$requests requests: $(timed "$plenum" run "$folder/scenario.json" --set "/jobs/0/serving/requests/count=$requests")"
  done
  exit
fi

list=$(readlink -f "$2") model=$3 cluster=$4 tensor=$5 replicas=${6:-1}
cat >"$folder/scenario.json" <<JSON
{"cluster": {"preset": "$cluster", "nodes": $(((tensor * replicas + 7) / 8))},
 "jobs": [{"serving": {"model": {"preset": "$model", "context": 131072}, "engine": "vllm", "replicas": $replicas,
                       "plan": {"tensor_parallel": $tensor}, "requests": {"file": "$list"}}}]}
JSON
for _ in 1 2 3; do
  timed "$plenum" run "$folder/scenario.json" --requests "$folder/requests.csv"
done | sort -n | head -1
