import { afterEach, expect, it } from 'vitest'
import { Drafts, draftIdOf } from '#bots/telegram/drafts.ts'
import { toIncoming } from '#bots/telegram/incoming.ts'
import { LiveTexts, tellText } from '#core/chat/live.ts'
import { systemClock } from '#core/clock.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Rig, rig } from './support.ts'

let telegram: Rig
afterEach(() => telegram.end())

const chatWith = () => {
  const ann = telegram.peer.user({ firstName: 'Ann' })
  return { ann, chat: telegram.peer.privateChat(ann) }
}

it('what a run writes shows as a draft that can be stopped, and pings and links nobody', async () => {
  telegram = await rig()
  const { chat } = chatWith()
  const { live } = telegram.channel
  const text = 'Hello @durov, see https://t.me/x and [this](https://evil.example) <b>now</b>'
  await live?.show({ runId: 'run_1', conversation: String(chat.id), text, added: text })
  await live?.show({ runId: 'run_1', conversation: String(chat.id), text: `${text}, and more`, added: ', and more' })
  const drafts = telegram.peer.drafts(chat)
  expect(drafts.map(({ draftId }) => draftId)).toEqual([draftIdOf('run_1'), draftIdOf('run_1')])
  expect(drafts[0]?.text).not.toContain('@durov')
  expect(drafts[0]?.text).toContain('<b>now</b>')
  expect(drafts[0]?.entities.filter(({ type }) => type === 'text_link')).toEqual([])
  expect(telegram.peer.calls.find(({ method }) => method === 'sendMessageDraft')?.params).toMatchObject({
    can_stop: true,
  })
  expect(telegram.peer.violations).toEqual([])
})

it('groups have the card alone', async () => {
  telegram = await rig()
  const { ann } = chatWith()
  const group = telegram.peer.group({ title: 'Team', members: [ann] })
  const { live } = telegram.channel
  expect(live?.isOffered(String(group.id))).toBe(false)
  expect(await live?.show({ runId: 'run_1', conversation: String(group.id), text: 'x', added: 'x' })).toBe('off')
})

it('a server that knows no drafts is not asked again', async () => {
  telegram = await rig()
  let calls = 0
  const api = {
    sendMessageDraft() {
      calls += 1
      return Promise.reject(Object.assign(new Error('Not Found: method not found'), { error_code: 404 }))
    },
  }
  const drafts = new Drafts({ api: api as never, log: telegram.log })
  expect(await drafts.show({ runId: 'run_1', conversation: '5', text: 'x', added: 'x' })).toBe('off')
  expect(await drafts.show({ runId: 'run_2', conversation: '5', text: 'x', added: 'x' })).toBe('off')
  expect(calls).toBe(1)
})

it('Stop is the command that stops this run, said by whose chat it is', async () => {
  telegram = await rig()
  const { ann, chat } = chatWith()
  const stopped = { chat: { id: chat.id, type: 'private', first_name: 'Ann' }, draft_id: draftIdOf('run_1') } as const
  const update = { update_id: 7, stopped_message_generation: stopped }
  const self = { id: 1, username: 'muster_bot' }
  const known = (draftId: number) => (draftId === draftIdOf('run_1') ? 'run_1' : undefined)
  expect(toIncoming(update, self, 5, known)).toMatchObject({
    deliveryId: '1:7',
    isPrivate: true,
    sender: { externalId: String(ann.id) },
    text: '/cancelrun run_1',
  })
  expect(toIncoming(update, self, 5)).toMatchObject({ text: '/cancelrun' })
})

it('many pieces are few calls, as far apart as Telegram likes', async () => {
  telegram = await rig()
  const { chat } = chatWith()
  const senders = new Map([['telegram' as const, telegram.channel]])
  const unlisten = new LiveTexts({ clock: systemClock, log: telegram.log }, senders).listen()
  const told = { runId: 'run_1', channel: 'telegram', conversation: String(chat.id), writer: '0:1' }
  for (let piece = 0; piece < 200; piece++) tellText({ ...told, piece: `${piece} ` })
  // Another step of the same run, and another run there, wait for nothing: they are not shown.
  tellText({ ...told, writer: '1:1', piece: 'beside' })
  tellText({ ...told, runId: 'run_2', piece: 'elsewhere' })
  await eventually(() => expect(telegram.peer.drafts(chat)).toHaveLength(1))
  tellText({ ...told, piece: 'the end' })
  await eventually(() => expect(telegram.peer.drafts(chat)).toHaveLength(2))
  tellText({ ...told, piece: null })
  unlisten()
  const [first, second] = telegram.peer.drafts(chat)
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1_100)
  expect(second?.text).toMatch(/^0 1 2 .*199 the end$/)
})
