#!/bin/sh
# A gate: what says after each step of a rollout whether it may go on. Any exit code but 0 stops it.
echo "smoke test of $STS_NAMESPACE/$STS_NAME after step $STS_STEP, ordinals $STS_ORDINALS"
