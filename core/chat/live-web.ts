import { channel } from 'node:diagnostics_channel'
import type { LiveText } from './sender.ts'

/** What is shown at the moment; without text when it is over. */
export type LiveLook = Pick<LiveText, 'runId' | 'conversation'> & { text: string | null }

/** Between what runs in this process and who looks on over it. Others see the card. */
const looks = channel('muster.live')

/** False when nobody looks on anywhere in this process. */
export function showLive(look: LiveLook): boolean {
  looks.publish(look)
  return looks.hasSubscribers
}

/** Tells of text that is being written in one conversation, until the returned function is called. */
export function lookOnLive(conversation: string, listen: (look: LiveLook) => void): () => void {
  const hear = (told: unknown): void => {
    const look = told as LiveLook
    if (look.conversation === conversation) listen(look)
  }
  looks.subscribe(hear)
  return () => void looks.unsubscribe(hear)
}
