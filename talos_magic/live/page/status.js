/** The status words of rounds and scans, as in scan/round.py and scan/state.py. */

export const ROUND = {
  RUNNING: "running",
  PAUSED: "paused",
  DONE: "done",
  FAILED: "failed",
  SKIPPED: "skipped",
  PRUNED: "pruned",
  STOPPED: "stopped",
};

export const SCAN = {
  READY: "ready",
  RUNNING: "running",
  PAUSED: "paused",
  WAITING: "waiting",
  STOPPING: "stopping",
  DONE: "done",
  STOPPED: "stopped",
  FAILED: "failed",
};

/** Whether a round is recorded and will not be trained again. */
export const isFinished = (status) =>
  ![ROUND.RUNNING, ROUND.PAUSED, ROUND.STOPPED].includes(status);

/** Whether a person or a pruner ended a round before its last epoch. */
export const endedEarly = (status) => status === ROUND.SKIPPED || status === ROUND.PRUNED;

/** Whether a round has a curve that is not whole: it is drawn in dashes. */
export const isCut = (status) => endedEarly(status) || status === ROUND.PAUSED;

/** Whether a scan has ended, so that no request can change it. */
export const hasEnded = (state) => [SCAN.DONE, SCAN.STOPPED, SCAN.FAILED].includes(state);
