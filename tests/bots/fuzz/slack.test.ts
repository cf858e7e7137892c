import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Part } from '#core/chat/message.ts'
import { SlackHarness } from '#tests/bots/slack/harness.ts'
import { Random } from '#tests/crash/random.ts'
import type { Block, MessageView } from '#tests/peers/slack/index.ts'
import { difference, lettersLost, wordsIn } from './meaning.ts'
import { hostileParts, PART_TYPES } from './parts.ts'
import { TEXTS } from './texts.ts'

const SEED = Number(process.env.SEED ?? 20_261_126)
const PLACE = 'C0TEAM'

/** What is never shown: control characters, marks that turn the direction, and the one that marks a file's byte order. */
const essence = (text: string): string => text.toWellFormed().replaceAll(/[\s\p{Cc}\u202d\u202e\ufeff]/gu, '')

describe(`hostile texts on Slack, seed ${SEED}`, () => {
  let slack: SlackHarness
  beforeAll(async () => {
    slack = await SlackHarness.start('socket')
  })
  afterAll(() => slack.end())

  it('are read as they were written: nobody is called, no link leads elsewhere, nothing is lost', {
    timeout: 240_000,
  }, async () => {
    const sent: { part: Part; stamps: string[] }[] = []
    for (const part of hostileParts(new Random(SEED), TEXTS)) sent.push({ part, stamps: await send(part) })
    // As its readers have it in the end, all at once: Slack gives the messages of a channel whole.
    const shown = new Map((await slack.peer.messages(PLACE)).map((message) => [message.ts, message]))
    for (const { part, stamps } of sent) {
      const messages = stamps.flatMap((ts) => shown.get(ts) ?? [])
      expect(messages).toHaveLength(stamps.length)
      const problem = problemOf(part, messages)
      expect(problem && { problem, part, shown: messages.map(({ text }) => text) }).toBeUndefined()
    }
    expect([...new Set(sent.map(({ part }) => part.type))].toSorted()).toEqual(PART_TYPES.toSorted())
    expect(slack.peer.violations).toEqual([])
  })

  /** Sends it, and gives the stamps of the messages it became. */
  async function send(part: Part): Promise<string[]> {
    const before = slack.peer.calls.length
    const result = await slack.channel.send(slack.message(PLACE, [part]))
    const posted = slack.peer.calls.slice(before).filter(({ method }) => method === 'chat.postMessage')
    if (part.type === 'file') expect(result, JSON.stringify(part)).toMatchObject({ outcome: 'sent' })
    else if (posted.length === 0) expect(result).toMatchObject({ outcome: 'refused', reason: 'The message is empty.' })
    else expect(result.outcome).toBe('sent')
    return posted.map(({ result: answer }) => String(answer?.ts))
  }
})

function problemOf(part: Part, shown: readonly MessageView[]): string | undefined {
  return (
    calledBy(shown) ??
    ledAway(part, shown) ??
    unasked(part, shown) ??
    missing(part, shown) ??
    (part.type === 'quote' ? unquoted(shown) : undefined)
  )
}

/** What stands in a quote and has no bar beside it. */
function unquoted(shown: readonly MessageView[]): string | undefined {
  const elements = shown.flatMap(({ blocks }) => blocks).flatMap(({ elements: own }) => own as Block[])
  const bare = elements.find(({ type, border }) => type !== 'rich_text_quote' && border !== 1)
  return bare && `stands outside of its quote: ${JSON.stringify(bare)}`
}

/** Elements that call, and references that Slack reads in what it looks at; in words of rich text it reads nothing. */
function calledBy(shown: readonly MessageView[]): string | undefined {
  for (const { blocks, fallback } of shown) {
    if (/<[@#!a-z][^>]*>/i.test(fallback)) return `the notification calls: ${fallback}`
    const call = nodesOf(blocks).find(({ type, text, verbatim }) => {
      const isLive = type === 'mrkdwn' && (/<[@#!a-z][^>]*>/i.test(String(text)) || verbatim !== true)
      return isLive || ['user', 'usergroup', 'broadcast', 'channel', 'team', 'emoji'].includes(String(type))
    })
    if (call) return `calls somebody: ${JSON.stringify(call)}`
  }
  return undefined
}

/** Links that nobody wrote, or under words that do not say where they lead. */
function ledAway(part: Part, shown: readonly MessageView[]): string | undefined {
  const source = JSON.stringify(part, (_, value) => (typeof value === 'string' ? essence(value) : value))
  for (const { url } of nodesOf(shown.flatMap(({ blocks }) => blocks)).filter(({ type }) => type === 'link')) {
    if (!source.includes(JSON.stringify(essence(String(url))).slice(1, -1))) return `leads where nobody wrote: ${url}`
  }
  return undefined
}

/** Only Markdown asks for formats inside a text; the others have one look for all of it. */
function unasked(part: Part, shown: readonly MessageView[]): string | undefined {
  const looks = new Set(
    nodesOf(shown.flatMap(({ blocks }) => blocks)).flatMap(({ style }) =>
      typeof style === 'object' && style !== null ? Object.keys(style) : [],
    ),
  )
  const allowed: Partial<Record<Part['type'], string[]>> = {
    text: ['bold'],
    fields: ['bold'],
    progress: ['bold', 'italic'],
    form: ['bold', 'italic'],
    markdown: ['bold', 'italic', 'strike', 'code'],
    quote: ['bold', 'italic', 'strike', 'code'],
  }
  const odd = [...looks].find((look) => !allowed[part.type]?.includes(look))
  return odd && `has a format nobody asked for: ${odd}`
}

function missing(part: Part, shown: readonly MessageView[]): string | undefined {
  const text = shown.map((message) => message.text).join('\n')
  switch (part.type) {
    case 'quote':
    case 'markdown': {
      const source = part.type === 'quote' ? `${part.title}\n${part.of.text}` : part.text
      const links = nodesOf(shown.flatMap(({ blocks }) => blocks)).map(({ url }) => url ?? '')
      // The numbers of a list are Slack's to show.
      const unnumbered = source.replaceAll(/^ *\d{1,9}[.)] /gm, '')
      return lettersLost(unnumbered, [text, ...links].join('\n'), essence)
    }
    case 'buttons':
      return buttonsMissing(part, shown)
    case 'file':
      return undefined
    case 'table': {
      const lost = [...part.columns, ...part.rows.flat()].find((cell) => !essence(text).includes(essence(cell)))
      return lost === undefined ? undefined : `missing ${JSON.stringify(lost)}`
    }
    case 'progress':
      return unseen([part.title, ...part.steps.map(({ label }) => label)], text)
    case 'form':
      return unseen(wordsIn(part), text)
    default:
      return difference(wordsIn(part), text, essence)
  }
}

/** Where long ones are cut, and what is not there yet is said: each begins as it was written, in this order. */
function unseen(all: readonly string[], shown: string): string | undefined {
  let rest = essence(shown)
  for (const words of all) {
    const beginning = essence([...words].slice(0, BEGINNING).join(''))
    const at = rest.indexOf(beginning)
    if (at < 0) return `missing ${JSON.stringify(words)}`
    rest = rest.slice(at + beginning.length)
  }
  return undefined
}

/** Fewer than fit into a title of Slack's, whatever the characters. */
const BEGINNING = 40

/** A button begins with its label; what is too long for one is cut, and what has no words at all is a dot. */
function buttonsMissing(
  { buttons }: Extract<Part, { type: 'buttons' }>,
  shown: readonly MessageView[],
): string | undefined {
  const labels = shown.flatMap((message) => message.buttons)
  for (const { label, token, url } of buttons) {
    if (token === undefined && url?.startsWith('javascript:')) continue
    const wish = essence(label)
    if (!labels.some((one) => wish.startsWith(essence(one).replace(/…$/, ''))))
      return `no button for ${JSON.stringify(label)}`
  }
  return undefined
}

/** Everything in the blocks that is an object. */
function nodesOf(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return []
  const own = Array.isArray(value) ? [] : [value as Block]
  return [...own, ...Object.values(value).flatMap(nodesOf)]
}
