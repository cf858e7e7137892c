/** Time as everything here sees it. Tests bring their own. */
export interface Clock {
  nowMs(): number
  /** Calls back once after that long unless cancelled; keeps no process alive. */
  after(delayMs: number, action: () => void): () => void
}
