/** The shortcut in the message field and the one beside a message, as the manifest names them. */
export const RUN_JOB = 'run_job'
export const RUN_ON_MESSAGE = 'run_on_message'
