import { applyCommand } from "./apply.js";
import { completionCommand } from "./completion.js";
import { createCommand } from "./create.js";
import { deleteCommand } from "./delete.js";
import { diffCommand } from "./diff.js";
import { getCommand } from "./get.js";
import { pvcCleanupCommand } from "./pvc-cleanup.js";
import { pvcListCommand } from "./pvc-list.js";
import { pvcResizeCommand } from "./pvc-resize.js";
import { pvcRestoreCommand } from "./pvc-restore.js";
import { pvcRetentionCommand } from "./pvc-retention.js";
import { recreateCommand } from "./recreate.js";
import { rolloutAbortCommand } from "./rollout-abort.js";
import { rolloutHistoryCommand } from "./rollout-history.js";
import { rolloutPauseCommand } from "./rollout-pause.js";
import { rolloutPromoteCommand } from "./rollout-promote.js";
import { rolloutRestartCommand } from "./rollout-restart.js";
import { rolloutResumeCommand } from "./rollout-resume.js";
import { rolloutStageCommand } from "./rollout-stage.js";
import { rolloutStatusCommand } from "./rollout-status.js";
import { rolloutUndoCommand } from "./rollout-undo.js";
import { rolloutUnstickCommand } from "./rollout-unstick.js";
import { sandboxDownCommand } from "./sandbox-down.js";
import { sandboxRunCommand } from "./sandbox-run.js";
import { sandboxServeCommand } from "./sandbox-serve.js";
import { sandboxStatusCommand } from "./sandbox-status.js";
import { sandboxUpCommand } from "./sandbox-up.js";
import { scaleCommand } from "./scale.js";
import { setEnvCommand } from "./set-env.js";
import { setImageCommand } from "./set-image.js";
import { setResourcesCommand } from "./set-resources.js";
import { statusCommand } from "./status.js";
import { versionCommand } from "./version.js";
import type { AnyCommand } from "./shared/command.js";

/** Every command, in the order of the help. */
export const commands: readonly AnyCommand[] = [
  createCommand,
  applyCommand,
  diffCommand,
  getCommand,
  statusCommand,
  scaleCommand,
  deleteCommand,
  recreateCommand,
  setImageCommand,
  setEnvCommand,
  setResourcesCommand,
  rolloutStatusCommand,
  rolloutHistoryCommand,
  rolloutStageCommand,
  rolloutPromoteCommand,
  rolloutAbortCommand,
  rolloutUndoCommand,
  rolloutUnstickCommand,
  rolloutPauseCommand,
  rolloutResumeCommand,
  rolloutRestartCommand,
  pvcListCommand,
  pvcCleanupCommand,
  pvcResizeCommand,
  pvcRestoreCommand,
  pvcRetentionCommand,
  sandboxUpCommand,
  sandboxDownCommand,
  sandboxStatusCommand,
  sandboxRunCommand,
  sandboxServeCommand,
  versionCommand,
  completionCommand,
];
