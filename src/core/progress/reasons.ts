/** The machine's words for verdicts and troubles. Those that Kubernetes has a word for are that word. */
export const Reason = {
  // Done
  Settled: "Settled",
  Gone: "Gone",
  // on the way
  WaitingForController: "WaitingForController",
  WaitingForOrdinal: "WaitingForOrdinal",
  WaitingForAvailability: "WaitingForAvailability",
  WaitingForDeletion: "WaitingForDeletion",
  WaitingForStatus: "WaitingForStatus",
  Recreating: "Recreating",
  NodeNotReady: "NodeNotReady",
  RestartDue: "RestartDue",
  Soaking: "Soaking",
  // failed
  CrashLoopBackOff: "CrashLoopBackOff",
  ImagePullBackOff: "ImagePullBackOff",
  ConfigError: "ConfigError",
  Unschedulable: "Unschedulable",
  ClaimPending: "ClaimPending",
  ProbeFailed: "ProbeFailed",
  FailedCreate: "FailedCreate",
  Deadlock: "Deadlock",
  ScaleDownBlocked: "ScaleDownBlocked",
  SoakFailed: "SoakFailed",
  GateFailed: "GateFailed",
  StepFailed: "StepFailed",
  // ended from outside
  Changed: "Changed",
  Deleted: "Deleted",
  Stalled: "Stalled",
  Timeout: "Timeout",
} as const;
export type Reason = (typeof Reason)[keyof typeof Reason];
