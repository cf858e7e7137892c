import type { App, Receiver, ReceiverEvent } from '@slack/bolt'

type EventApp = Pick<App, 'processEvent'>

/**
 * Bolt acknowledges an event before its listeners have run. Here the acknowledgement is held back until they have:
 * what was not stored is not acknowledged, and Slack brings it again. Rejects when a listener did, without an acknowledgement.
 */
export async function processHeld(app: EventApp, event: ReceiverEvent): Promise<void> {
  let answer: unknown
  await app.processEvent({
    ...event,
    ack: async (response?: unknown) => {
      answer = response
    },
  })
  await event.ack(answer)
}

/** An app for receivers that call `processEvent` themselves; `track` is given each event until it is acknowledged or failed. */
export const holdingAcks = (app: EventApp, track: (event: Promise<void>) => void): Parameters<Receiver['init']>[0] => {
  const processEvent = (event: ReceiverEvent): Promise<void> => {
    const processed = processHeld(app, event)
    track(processed)
    return processed
  }
  return { processEvent } as unknown as Parameters<Receiver['init']>[0]
}
