#!/bin/bash
# Says how the job of this number stands: running (or waiting), success or failed. For Grid Engine.
number=$1
gone=.snakemake/cluster_logs/$number.gone

failed() {
    echo "Grid Engine, job $number: $1" >&2
    echo failed
}

if told=$(timeout 20 qstat -j "$number" 2>&1); then
    # A job that could not be begun, for want of a folder say, would stay in the queue for ever.
    if reason=$(grep -m 1 '^error reason' <<< "$told"); then
        qdel "$number" > /dev/null
        failed "${reason#*: }"
    else
        echo running
    fi
elif [[ $told != *"do not exist"* ]]; then
    # The master does not answer; jobs go on without it.
    echo running
elif record=$(qacct -j "$number" 2> /dev/null); then
    rm -f "$gone"
    # Numbers are used again after millions of jobs: the last record is the job's.
    read -r status < <(awk '$1 == "exit_status" { last = $2 } END { print last }' <<< "$record")
    fault=$(awk '$1 == "failed" { $1 = ""; last = $0 } END { print last }' <<< "$record")
    if [[ $fault != " 0"* ]]; then
        failed "failed$fault; exit status $status"
    elif [[ $status != 0 ]]; then
        echo failed
    else
        echo success
    fi
elif [[ -n $(find "$gone" -mmin +2 2> /dev/null) ]]; then
    failed "neither in the queue nor in the accounting: deleted before it began?"
else
    # Between the queue and the accounting a job is in neither for some seconds.
    [[ -e $gone ]] || touch "$gone"
    echo running
fi
