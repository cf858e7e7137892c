import { afterEach, describe, expect, it } from 'vitest'
import { attachIdentity } from '#core/accounts/identities.ts'
import type { Actor } from '#core/actor.ts'
import type { Part } from '#core/chat/message.ts'
import { plainText } from '#core/chat/plain.ts'
import { teamContext } from '#core/context.ts'
import { fund } from '#core/economy/fund.ts'
import { submitRun } from '#core/runs/submit.ts'
import { createTeam } from '#core/teams/create.ts'
import { removeMember } from '#core/teams/leave.ts'
import { linkChat } from '#core/teams/linked-chats.ts'
import { addMember } from '#core/teams/members.ts'
import { query } from '#db/statement.ts'
import { type Chat, createChat } from '#tests/commands/chat.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'

describe.each(DIALECTS)('what tools send on %s', (dialect) => {
  let chat: Chat
  let ada: Actor
  let benId = ''
  let teamId = ''
  afterEach(() => chat.end())

  const begin = async () => {
    chat = await createChat(dialect, { settings: { hasMail: true } })
    const { id } = await (await chat.known('ada', { admin: true })).account()
    benId = (await (await chat.known('ben')).account()).id
    await chat.known('eve')
    const me = { accountId: id, handle: 'ada', platformRole: 'admin', channel: 'api' } as const
    const own: Actor = { ...me, context: { type: 'user', id } }
    teamId = (await createTeam(chat.core, own, { name: 'Acme' })).id
    await addMember(chat.core, own, { teamId, accountId: benId, role: 'member' })
    ada = { ...me, context: teamContext(teamId) }
    await fund(chat.core, ada, { context: ada.context, amountUsd: '5' })
  }
  const run = async (tool: string, inputs: Record<string, string>) => {
    const { runId } = await submitRun(chat.core, ada, { target: { tool }, inputs })
    return ended(runId)
  }
  const ended = (runId: string) =>
    eventually(async () => {
      const [row] = await query(chat.core.db, (q) => q.selectFrom('run').selectAll().where('id', '=', runId))
      if (row?.finished_at_ms == null) throw new Error('It has not ended yet')
      return row
    })
  /** What was put in line by a run; but for what Ada hears of her own runs that failed. */
  const outbox = async (channel: string) =>
    (
      await query(chat.core.db, (q) =>
        q
          .selectFrom('outbox')
          .selectAll()
          .where('channel', '=', channel)
          .where('cause', 'like', 'run_%')
          .where('conversation', '!=', 'private-ada')
          .orderBy('seq'),
      )
    ).map((row) => ({
      conversation: row.conversation,
      text: plainText(JSON.parse(row.reply_json ?? '[]') as Part[]),
      hints: row.hints_json,
    }))

  it('a member is written to where the bot writes to them, under the name of who sends', async () => {
    await begin()
    const row = await run('chat.send', { to: '@ben', text: 'Build *done*' })
    expect(row).toMatchObject({ status: 'succeeded', cost_micros: 200n })
    expect(await outbox('telegram')).toMatchObject([
      { conversation: 'private-ben', text: 'From Chat message, started by @ada:\n\n> Build *done*' },
    ])
    const events = await query(chat.core.db, (q) =>
      q.selectFrom('event').selectAll().where('type', '=', 'message.sent'),
    )
    expect(events).toHaveLength(1)
  })

  it('the chats tied to the team are written to, and no others', async () => {
    await begin()
    await linkChat(chat.core, ada, { channel: 'telegram', conversation: '-100', team: teamId })
    await linkChat(chat.core, ada, { channel: 'slack', conversation: 'C1', team: teamId })
    await run('chat.send', { to: 'team', text: 'one' })
    await run('chat.send', { to: 'slack:C1', text: 'two' })
    expect((await run('chat.send', { to: 'slack:C2', text: 'three' })).status).toBe('failed')
    expect((await outbox('telegram')).map(({ conversation }) => conversation)).toEqual(['-100'])
    expect((await outbox('slack')).map(({ conversation }) => conversation)).toEqual(['C1', 'C1'])
  })

  it.each([
    ['somebody else', { to: '@eve', text: 'x' }],
    ['nobody', { to: '@nobody', text: 'x' }],
  ])('%s is not written to, and nothing is paid', async (_, inputs) => {
    await begin()
    expect(await run('chat.send', inputs)).toMatchObject({ status: 'failed', cost_micros: 0n })
    expect([...(await outbox('telegram')), ...(await outbox('web'))]).toEqual([])
  })

  it('mail goes to addresses that members have proven', async () => {
    await begin()
    const address = 'ben@example.org'
    await chat.core.db.write((tx) =>
      attachIdentity(tx, benId, { channel: 'email', externalId: address, name: 'Ben' }, chat.core.clock.nowMs()),
    )
    await run('email.send', { to: 'ben', subject: 'Done', text: 'All green' })
    await run('email.send', { to: 'Ben@Example.org', subject: 'Again', text: 'Still green' })
    expect((await run('email.send', { to: 'eve@example.org', subject: 'x', text: 'x' })).status).toBe('failed')
    expect((await run('email.send', { to: 'ada', subject: 'x', text: 'x' })).status).toBe('failed')
    expect(await outbox('email')).toMatchObject([
      { conversation: address, hints: '{"subject":"Done"}' },
      { conversation: address, hints: '{"subject":"Again"}' },
    ])
  })

  it('without a mail server it says so', async () => {
    chat = await createChat(dialect)
    const { id } = await (await chat.known('ada')).account()
    ada = { accountId: id, handle: 'ada', platformRole: 'user', channel: 'api', context: { type: 'user', id } }
    const row = await run('email.send', { to: 'me', subject: 'x', text: 'x' })
    expect(row.status).toBe('failed')
    expect(row.error_json).toContain('EMAIL_SMTP_URL')
  })

  it('who has left between the call and the end of the step hears nothing', async () => {
    await begin()
    leaveBeforeTheEnd(chat, async () => removeMember(chat.core, ada, { teamId, accountId: benId }))
    await run('chat.send', { to: '@ben', text: 'secret' })
    expect(await outbox('telegram')).toEqual([])
  })

  it.each([
    ['before its commit', true],
    ['after its commit', false],
  ])('is sent once when the process is cut off %s', async (_, isBefore) => {
    await begin()
    const wasCut = cutOff(chat, isBefore)
    const { runId } = await submitRun(chat.core, ada, {
      target: { tool: 'chat.send' },
      inputs: { to: '@ben', text: 'once' },
    })
    await eventually(() => expect(wasCut()).toBe(true))
    expect((await ended(runId)).status).toBe('succeeded')
    expect(await outbox('telegram')).toHaveLength(1)
  })
})

/** Has something happen in the moment between the call of the tool and the write of its result. */
function leaveBeforeTheEnd({ core }: Chat, leave: () => Promise<unknown>): void {
  const { find } = core.tools
  core.tools.find = (toolId) => {
    const tool = find.call(core.tools, toolId)
    if (!tool || toolId !== 'chat.send') return tool
    return {
      ...tool,
      async execute(input, context) {
        const result = await tool.execute(input, context)
        await leave()
        return result
      },
    }
  }
}

/** Breaks the first write that puts a message into the outbox: as a process that dies just before or just after its commit. */
function cutOff({ core }: Chat, isBefore: boolean): () => boolean {
  const write = core.db.write.bind(core.db)
  let wasCut = false
  core.db.write = async (body, options) => {
    let isIt = false
    const written = await write(async (tx) => {
      const result = await body(tx)
      const rows = wasCut
        ? []
        : await query(tx, (q) =>
            q.selectFrom('outbox').select('seq').where('channel', '=', 'telegram').where('cause', 'like', 'run_%'),
          )
      isIt = rows.length > 0
      if (isIt && isBefore) {
        wasCut = true
        throw new Error('Cut off')
      }
      return result
    }, options)
    if (isIt && !wasCut) {
      wasCut = true
      throw new Error('Cut off')
    }
    return written
  }
  return () => wasCut
}
