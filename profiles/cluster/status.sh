#!/bin/bash
# Says how the job of this number stands: running (or waiting), success or failed. For Grid Engine.
number=$1
for _ in 1 2 3 4 5 6; do
    if qstat -j "$number" > /dev/null 2>&1; then
        echo running
        exit
    fi
    # Between the queue and the accounting a job is in neither for some seconds.
    if record=$(qacct -j "$number" 2> /dev/null); then
        if grep -q '^exit_status *0 *$' <<< "$record" && grep -q '^failed *0' <<< "$record"; then
            echo success
        else
            echo failed
        fi
        exit
    fi
    sleep 5
done
echo failed
