#!/usr/bin/env bash
# Trains one run by all nodes of a job, a rank for each of its tasks:
#   sbatch -N 2 --ntasks-per-node=2 --cpus-per-task=16 --time=8:00:00 configs/slurm.sh EXPERIMENT.json RUN_FOLDER
# Two minutes before the time is over, or when the job is preempted, all ranks save; the job is put into the queue again and
# goes on where it stood. train.shards has to be at least the number of tasks.
#SBATCH --job-name=lucid
#SBATCH --signal=TERM@120
#SBATCH --requeue
#SBATCH --open-mode=append
set -uo pipefail
config=$1 run=$2

if [ -e "$run/checkpoints/last.h5" ]; then
  arguments=(--resume "$run")
else
  arguments=(--config "$config" --output "$run")
fi
srun --mpi=pmix --cpus-per-task="${SLURM_CPUS_PER_TASK:-1}" --cpu-bind=cores --kill-on-bad-exit=1 \
  lucid-train "${arguments[@]}" --progress plain
code=$?
# 143: the run was stopped by SIGTERM and is not finished.
if [ $code -eq 143 ]; then scontrol requeue "$SLURM_JOB_ID"; fi
exit $code
