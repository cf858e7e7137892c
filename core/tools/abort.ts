import { ToolError } from './tool.ts'

/** Why an aborted signal was aborted, as the error of the step: the reason itself when it is one, else `cancelled`. */
export function abortError(signal: AbortSignal): ToolError {
  const reason: unknown = signal.reason
  if (reason instanceof ToolError) return reason
  if (reason instanceof DOMException && reason.name === 'TimeoutError') {
    return new ToolError('timeout', 'The step took longer than it may.', { retryable: true })
  }
  return new ToolError('cancelled', 'The step was cancelled.')
}

/** Settles like the work, or rejects as soon as the signal is aborted; what the work does afterwards is ignored. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => reject(abortError(signal))
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
