/** A commit as it stands in the log. */
export interface LoggedCommit {
  /** Lower case hexadecimal, as long as the log had it. */
  hash?: string
  /** Subject, and after a line break the body. Empty for a commit without a message. */
  message: string
  isMerge: boolean
}
