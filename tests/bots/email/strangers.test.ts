import { afterEach, describe, expect, it } from 'vitest'
import { findAccountByIdentity } from '#core/accounts/identities.ts'
import { createTeam } from '#core/teams/create.ts'
import { inviteMember } from '#core/teams/invitations.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createMailScene, type MailScene, type SceneOptions } from './scene.ts'

describe.each(DIALECTS)('people who are nobody here yet, by mail, on %s', { timeout: 60_000 }, (dialect) => {
  let scene: MailScene
  let ann: Awaited<ReturnType<MailScene['person']>>
  let teamId: string
  const begin = async (options: SceneOptions = {}) => {
    scene = await createMailScene(dialect, options)
    ann = await scene.person('ann', { admin: true })
    teamId = (await createTeam(scene.world.core, ann.actor, { name: 'Acme' })).id
  }
  afterEach(async () => {
    expect(scene.world.errors).toEqual([])
    await scene.end()
  })
  const accountOf = async (address: string) =>
    (await findAccountByIdentity(scene.world.core.db, 'email', address))?.handle
  const everything = async () => {
    const tables = ['outbox', 'invitation', 'event', 'idempotency', 'mail_message'] as const
    const rows = await Promise.all(
      tables.map((table) => query(scene.world.core.db, (q) => q.selectFrom(table).selectAll())),
    )
    return JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? String(value) : value))
  }

  it('join two addresses with a code of one and a yes from it', async () => {
    await begin()
    const work = scene.writer('ann.work')
    await ann.write({ subject: '/link' })
    const code = /\/link (\S+) to me/.exec((await ann.gets(/to me on the other channel/)).text ?? '')?.[1] ?? ''
    await work.write({ subject: `/link ${code}` }, { isSigned: false })
    expect(await accountOf(work.address)).toBeUndefined()
    await work.write({ subject: `/link ${code}` })
    await work.gets(/Almost done/)
    const asked = await ann.gets(/Is that you\?/)
    expect(await accountOf(work.address)).toBeUndefined()
    await ann.answer(asked, 'yes')
    await ann.gets(/is you\./)
    expect(await accountOf(work.address)).toBe('ann')
    await work.write({ subject: 'whoami' })
    await work.gets(/Handle: @ann/)
  })

  it('are written to once by an invitation, and join with its code', async () => {
    await begin()
    const carol = scene.writer('carol')
    await ann.write({ subject: '/invitemember Carol@Example.test to Acme' })
    await ann.gets(/It was mailed to Carol@Example\.test/)
    const mail = await carol.gets(/@ann invites you to Acme, as a member/)
    expect(mail.subject).toBe('An invitation to Acme')
    const code = /\/join\/([\w-]{22})/.exec(mail.text ?? '')?.[1] ?? ''
    expect(mail.text).toContain(`subject: /join ${code}`)
    // What Ann was told has it, to pass on; what carries the mail to Carol has not.
    const outbox = await query(scene.world.core.db, (q) =>
      q.selectFrom('outbox').select(['reply_json', 'hints_json']).where('conversation', '=', carol.address),
    )
    expect(outbox).toHaveLength(1)
    expect(JSON.stringify(outbox)).not.toContain(code)
    await carol.write({ subject: `/join ${code}` })
    await carol.gets(/Welcome to Acme/)
    expect(await accountOf(carol.address)).toBeDefined()
    const eve = scene.writer('eve')
    await eve.write({ subject: `/join ${code}` })
    await eve.gets(/used|accepted|open any more/)
    expect(await accountOf(eve.address)).toBeUndefined()
    expect(await carol.got()).toHaveLength(2)
  })

  it('get the same code again when the request is repeated, and no second mail', async () => {
    await begin()
    const carol = scene.writer('carol')
    const actor = { ...ann.actor, requestKey: 'once' }
    const invite = () => inviteMember(scene.world.core, actor, { teamId, invitee: carol.address })
    const [one, two] = [await invite(), await invite()]
    expect(two).toEqual(one)
    await carol.gets(new RegExp(one.code))
    expect(await everything()).not.toContain(one.code)
    await ann.write({ subject: 'whoami' })
    await ann.gets(/@ann/)
    expect(await carol.got()).toHaveLength(1)
  })

  it('are not mailed thirty times an hour by one person', async () => {
    await begin()
    const invite = (n: number) =>
      inviteMember(scene.world.core, ann.actor, { teamId, invitee: `person${n}@example.test` })
    for (let n = 0; n < 30; n++) await invite(n)
    await expect(invite(30)).rejects.toThrow('30 invitations within the hour')
    // A code to pass on is nobody's mail.
    await inviteMember(scene.world.core, ann.actor, { teamId, invitee: 'the new one' })
    // What is under way an hour later counts as lost, and goes out again.
    await eventually(() => expect(scene.post.mails).toHaveLength(30))
    scene.clock.advance(3_600_001)
    await invite(31)
    await eventually(() => expect(scene.post.mails).toHaveLength(31))
  })

  it('are not written to where no mail is sent', async () => {
    await begin({ settings: { hasMail: false } })
    const carol = scene.writer('carol')
    await ann.write({ subject: `/invitemember ${carol.address} to Acme` })
    const told = await ann.gets(/Pass on one of these/)
    expect(told.text).not.toContain('mailed')
    expect(await carol.got()).toEqual([])
  })

  it('hear nothing by whatever else they write', async () => {
    await begin()
    const eve = scene.writer('eve')
    for (const subject of ['/help', 'hello', '/link', '/join', '/start', '/whoami']) await eve.write({ subject })
    await ann.write({ subject: 'whoami' })
    await ann.gets(/@ann/)
    expect(await eve.got()).toEqual([])
    expect(await scene.events('mail.dropped')).toHaveLength(6)
  })
})
