import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defineCommand } from '#commands/command.ts'
import { commandName } from '#commands/grammar/line.ts'
import { parseLine } from '#commands/grammar.ts'
import { COMMANDS, indexCommands } from '#commands/index.ts'
import { commandsFor, menuState, menusOn } from '#commands/menu.ts'
import { usageLine } from '#commands/usage.ts'
import { reply } from '#core/chat/message.ts'
import { personal } from '#core/context.ts'
import { RESERVED_COMMANDS } from '#core/jobs/reserved.ts'
import { type Chat, createChat, type Voice } from './chat.ts'

const NAMES = COMMANDS.flatMap((command) => [command.name, ...command.aliases])

describe('the list of commands', () => {
  it('keeps its names from jobs', () => {
    expect(NAMES.filter((name) => !RESERVED_COMMANDS.has(name))).toEqual([])
  })

  it('refuses two of one name', () => {
    const twin = { summary: 'x', group: 'start', run: async () => reply('x') } as const
    const [a, b] = [defineCommand({ ...twin, name: 'aa' }), defineCommand({ ...twin, name: 'bb', aliases: ['aa'] })]
    expect(() => indexCommands([a, b])).toThrow('Two commands are called /aa')
    expect(indexCommands(COMMANDS).size).toBe(NAMES.length)
  })

  it('has examples that are lines of their own command', () => {
    for (const { name, examples } of COMMANDS) {
      for (const example of examples) expect(parseLine(example)).toMatchObject({ kind: 'command', name })
    }
  })

  it('covers what people are promised', () => {
    const promised = `start help whoami link console cancel mycontext setcontext linkchat unlinkchat createteam teaminfo
      invitemember join leaveteam members setrole removemember transferteam deleteteam balance statement fund grant
      creditline repay cap usage jobs job run quote publish unpublish runs status cancelrun retry variants
      accept export log
       reviews approve reject
      schedule schedules pause resume runnow unschedule`
    expect(promised.split(/\s+/).filter((name) => !NAMES.includes(name))).toEqual([])
  })
})

describe('help and menus', () => {
  let chat: Chat
  let ada: Voice
  let bob: Voice
  beforeAll(async () => {
    chat = await createChat('sqlite')
    ada = await chat.known('ada', { admin: true })
    bob = await chat.known('bob')
  })
  afterAll(() => chat.end())

  it('mentions every command once, with its usage', async () => {
    const help = await ada.say('/help')
    for (const command of COMMANDS) {
      const about = await ada.say(`/help --group ${command.group}`)
      const times = command.isHidden ? 0 : 1
      expect(about.split(`• ${usageLine({ ...command, flags: [] })} – `), command.name).toHaveLength(times + 1)
      expect(help.split(/\s/).includes(`/${command.name}`), command.name).toBe(!command.isHidden)
    }
    expect(help).toContain('/release_notes – Turns commits into formatted release notes.')
    expect(help).not.toContain('campaign_brief')
  })

  it('leaves out what is for platform admins', async () => {
    const help = await bob.say('/help')
    expect(help).not.toContain('/grant')
    expect(help).toContain('/fund')
    expect(await bob.say('/help --group money')).not.toContain('/grant')
    expect(await bob.say('/grant @bob 5')).toBe('Only a platform admin may use /grant.')
  })

  it('explains each command, and each job like one', async () => {
    for (const { name, summary } of COMMANDS) expect(await bob.say(`/help ${name}`)).toContain(summary)
    expect(await bob.say('/help /Set-Role'.replace('-', ''))).toContain('/setrole <user> <admin|member|viewer>')
    const job = await bob.say('/help release-notes')
    expect(job).toContain('/release_notes <commits> [--title <text>]')
    expect(job).toContain('A run costs ≈ $0.002, at most $0.002.')
    expect(await bob.say('/help relase_notes')).toBe('There is no /relase_notes here. Did you mean /release_notes?')
  })

  it('offers menus that platforms take', async () => {
    const { personal: own, group, chats } = await menusOn(chat.core, 'telegram')
    for (const menu of [own, group, ...chats.flatMap(({ entries }) => (entries ? [entries] : []))]) {
      expect(menu.length).toBeLessThanOrEqual(100)
      for (const { command, description } of menu) {
        expect(command).toMatch(/^[a-z0-9_]{1,32}$/)
        expect(description.length).toBeGreaterThan(0)
        expect(description.length).toBeLessThanOrEqual(256)
      }
    }
    expect(group.map(({ command }) => command)).toEqual(expect.arrayContaining(['release_notes', 'status', 'help']))
    expect(group.map(({ command }) => command)).not.toContain('balance')
    expect(own.map(({ command }) => command)).not.toContain('grant')
    const ofChat = (conversation: string) => chats.find((one) => one.conversation === conversation)?.entries
    expect(ofChat('private-ada')?.map(({ command }) => command)).toContain('grant')
    expect(ofChat('private-bob')).toBeNull()
  })

  it('says when its menus may be others', async () => {
    const state = () => menuState(chat.core, 'telegram')
    const seen = [await state()]
    expect(await state()).toBe(seen[0])
    const changes = [
      '/publish changelog-digest',
      '/createteam Menu',
      '/unpublish changelog-digest',
      '/setcontext team Menu',
    ]
    for (const line of changes) {
      await bob.say(line)
      seen.push(await state())
    }
    // Making a team changes nobody's menu; the others do.
    expect(new Set(seen).size).toBe(4)
  })

  it('suggests everything a person can say', async () => {
    const { id, handle, platformRole } = await bob.account()
    const actor = { accountId: id, handle, platformRole, channel: 'web', context: personal(id) } as const
    const list = await commandsFor(chat.core, actor)
    expect(list.find(({ command }) => command === 'release_notes')?.usage).toContain('<commits>')
    expect(list.every(({ command }) => commandName(command) === command)).toBe(true)
  })
})
