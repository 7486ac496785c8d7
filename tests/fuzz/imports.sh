#!/bin/bash
# Runs every import's fuzz target; prints how often, and what it found. Usage: tests/fuzz/imports.sh FOLDER [RUNS]
# FOLDER holds the targets (build/fuzz/tests/fuzz); RUNS is 10 million unless told. Corpora are kept beside the targets.
set -euo pipefail
folder=$1 runs=${2:-10000000} here=$(dirname "$(readlink -f "$0")")
seeds=$here/../topologies/import
for format in graphml graphviz edge_list astra_sim nccl_node; do
  mkdir -p "$folder/corpus_$format"
  log=$folder/$format.log
  "$folder/fuzz_$format" -runs="$runs" -max_len=1024 -timeout=10 -rss_limit_mb=2048 -verbosity=0 -print_final_stats=1 \
    -artifact_prefix="$folder/$format-" "$folder/corpus_$format" "$seeds/$format" >"$log" 2>&1 || echo "$format: FAILED, see $log"
  echo "$format: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs"
done
