# Reads and checks everything a run is made of, and says where its results stand. Wires, never computes.

import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

SCRIPTS = Path(workflow.basedir) / "scripts"
sys.path.insert(0, str(SCRIPTS))

from kcalseq.errors import KcalseqError
from kcalseq.plan import read_plan
from kcalseq.planning.named import data_files, text_files
from kcalseq.planning.stale import stale_results
from kcalseq.planning.submitted import check_nothing_submitted
from kcalseq.provenance import digest, program_digest
from kcalseq.software import versions

try:
    PLAN = read_plan(config, [str(path) for path in workflow.configfiles])
except KcalseqError as error:
    raise WorkflowError(str(error)) from None

# Jobs read the plan again; only the process that started them tells this.
if workflow.is_main_process:
    for sentence in stale_results(PLAN):
        logger.warning(sentence)

if PLAN.container:

    containerized: PLAN.container


RESULTS = PLAN.results
RUN = f"{RESULTS}/runs/{{run}}"
LIBRARY = f"{RESULTS}/libraries/{{library}}"
MODEL = f"{LIBRARY}/models/{{model}}"
REPORT = f"{RESULTS}/report.html"
SUMMARY = f"{RESULTS}/summary.tsv"
QC = f"{RESULTS}/qc.tsv"
MULTIQC = f"{RESULTS}/kcalseq_mqc.json"
RUN_CONFIG = f"{RESULTS}/run_config.yaml"
RECORD = f"{RESULTS}/ro-crate-metadata.json"
LOGS = "logs" if RESULTS == "results" else f"logs/{Path(RESULTS).name}"

MODELS_ENVIRONMENT = f"../../envs/{PLAN.models_environment}.yaml"


def check_cluster():
    """Refuse to start beside jobs that an earlier run left on the cluster; not with --nolock, as for status."""
    if not workflow.execution_settings.lock:
        return
    try:
        check_nothing_submitted(os.getcwd())
    except KcalseqError as error:
        raise WorkflowError(str(error)) from None


def code(script):
    """Digest of the library modules that a script reaches: editing one reruns the steps that reach it."""
    return digest(SCRIPTS / f"{script}.py")


def software():
    """Versions of what the steps run on."""
    methods = {str(method) for method in workflow.deployment_settings.deployment_method}
    return versions(Path(workflow.basedir), "conda" in methods, PLAN.models_environment)
