import { channel as hearable } from 'node:diagnostics_channel'
import type { Core } from '../core.ts'
import { cut } from '../cut.ts'
import { MOCK_MARK } from '../models/mock.ts'
import type { ChannelName } from './message.ts'
import type { LiveSender, Senders } from './sender.ts'

/** A piece of what a step of a run writes at this moment; null when it writes no more. */
export interface TextTold {
  runId: string
  channel: string
  conversation: string
  /** One call of one step: a run shows what one of them writes at a time. */
  writer: string
  piece: string | null
}

/** Whoever writes tells, and knows nobody of those who show it; while nobody does, it costs a look. */
const texts = hearable('muster.text')

export const isTextHeard = (): boolean => texts.hasSubscribers
export const tellText = (told: TextTold): void => texts.publish(told)

/** Of a longer text its end is shown, where it goes on. */
const SHOWN_CHARACTERS = 3_500
/** So many at once are shown by one process; others have their card. */
const LIVE_MAX = 200

interface Live {
  place: string
  told: TextTold
  sender: LiveSender
  text: string
  /** What no look has had yet. */
  added: string
  /** The mock writes it: that is said however little of it is shown. */
  isMock: boolean
  /** Of what was written, how much is shown. */
  shownLength: number
  writtenLength: number
  isShowing: boolean
  isOver: boolean
  cancel: () => void
}

/**
 * Shows text while it is written, where the run was asked for. Nothing of it is kept, and a piece that is lost is no loss: the
 * result comes as a message of its own. One text a conversation, no faster than its platform likes, and nothing at all of
 * what is written in a moment.
 */
export class LiveTexts {
  readonly #core: Pick<Core, 'clock' | 'log'>
  readonly #senders: Senders
  readonly #lives = new Map<string, Live>()
  /** When a conversation may be shown something again, whoever writes there. */
  readonly #pausedUntilMs = new Map<string, number>()

  constructor(core: Pick<Core, 'clock' | 'log'>, senders: Senders) {
    this.#core = core
    this.#senders = senders
  }

  /** Until the returned function is called. */
  listen(): () => void {
    const hear = (told: unknown): void => this.#hear(told as TextTold)
    texts.subscribe(hear)
    return () => {
      texts.unsubscribe(hear)
      for (const live of [...this.#lives.values()]) this.#end(live)
    }
  }

  #hear(told: TextTold): void {
    const place = `${told.channel}:${told.conversation}`
    const live = this.#lives.get(place) ?? this.#begin(place, told)
    if (live?.told.runId !== told.runId || live.told.writer !== told.writer) return
    if (told.piece === null) {
      this.#end(live)
      return
    }
    live.writtenLength += told.piece.length
    const text = live.text + told.piece
    if (live.writtenLength === text.length) live.isMock = text.startsWith(MOCK_MARK)
    live.added = endOf(live.added + told.piece)
    live.text = text.length > 2 * SHOWN_CHARACTERS ? text.slice(-SHOWN_CHARACTERS) : text
    this.#showLater(live)
  }

  #begin(place: string, told: TextTold): Live | undefined {
    const sender = this.#senders.get(told.channel as ChannelName)?.live
    const isFull = this.#lives.size >= LIVE_MAX
    if (told.piece === null || isFull || !sender?.isOffered(told.conversation)) return undefined
    const nowMs = this.#core.clock.nowMs()
    for (const [other, untilMs] of this.#pausedUntilMs) if (untilMs <= nowMs) this.#pausedUntilMs.delete(other)
    const nothing = {
      text: '',
      added: '',
      isMock: false,
      shownLength: 0,
      writtenLength: 0,
      isShowing: false,
      isOver: false,
      cancel: () => {},
    }
    const live: Live = { place, told, sender, ...nothing }
    this.#lives.set(place, live)
    // What is written in a moment is not worth a look before it is there.
    this.#pausedUntilMs.set(place, Math.max(this.#pausedUntilMs.get(place) ?? 0, nowMs + sender.everyMs))
    return live
  }

  #showLater(live: Live): void {
    if (live.isShowing || live.isOver) return
    live.isShowing = true
    const waitMs = (this.#pausedUntilMs.get(live.place) ?? 0) - this.#core.clock.nowMs()
    live.cancel = this.#core.clock.after(Math.max(0, waitMs), () => void this.#show(live))
  }

  async #show(live: Live): Promise<void> {
    const { clock, log } = this.#core
    const { told, sender, writtenLength } = live
    const pause = (ms: number): void => void this.#pausedUntilMs.set(live.place, clock.nowMs() + ms)
    // Before the call and after it: the platform counts when it arrives.
    pause(sender.everyMs)
    const { runId, conversation } = told
    const look = { runId, conversation, text: ending(live), added: live.added }
    live.added = ''
    const result = await sender.show(look).catch((err: unknown) => {
      log.debug({ err, channel: told.channel }, 'Live text could not be shown')
      return 'off' as const
    })
    live.isShowing = false
    if (result === 'off') {
      // The card is still there; this text is not tried again.
      live.isOver = true
      return
    }
    pause(Math.max(sender.everyMs, result.againAfterMs ?? 0))
    live.shownLength = writtenLength
    if (live.writtenLength > live.shownLength) this.#showLater(live)
  }

  #end(live: Live): void {
    live.cancel()
    live.isOver = true
    this.#lives.delete(live.place)
    const { runId, conversation } = live.told
    if (live.shownLength > 0 || live.isShowing) live.sender.end?.({ runId, conversation })
  }
}

/** Of what is too much at once the end. */
const endOf = (text: string): string =>
  text.length > 2 * SHOWN_CHARACTERS ? `… ${text.slice(-SHOWN_CHARACTERS).toWellFormed()}` : text

function ending({ text, writtenLength, isMock }: Live): string {
  if (writtenLength <= SHOWN_CHARACTERS) return text
  const from = text.length - SHOWN_CHARACTERS
  return `${isMock ? `${MOCK_MARK} ` : ''}… ${cut(text.slice(Math.max(0, from)).toWellFormed(), SHOWN_CHARACTERS)}`
}
