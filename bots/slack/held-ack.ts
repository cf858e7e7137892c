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

/** An app for receivers that call `processEvent` themselves. */
export const holdingAcks = (app: EventApp): Parameters<Receiver['init']>[0] =>
  ({ processEvent: (event: ReceiverEvent) => processHeld(app, event) }) as unknown as Parameters<Receiver['init']>[0]
