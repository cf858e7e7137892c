import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { COMMANDS } from '#commands/index.ts'
import type { Actor } from '#core/actor.ts'
import { teamContext } from '#core/context.ts'
import { checkLedger } from '#core/economy/check.ts'
import { createRule } from '#core/rules/save.ts'
import { defineTool } from '#core/tools/tool.ts'
import { sendTest } from '#core/triggers/replay.ts'
import { createTrigger } from '#core/triggers/save.ts'
import { query } from '#db/statement.ts'
import { WHOLE_DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Chat, createChat, joinCode, type SayOptions, type Voice } from './chat.ts'

const COMMITS = 'a1b2c3d feat: first'

interface Scene {
  chat: Chat
  ada: Voice
  bob: Voice
}

interface Repeated {
  /** What has to be there before; gives the line when it depends on it. */
  before?: (scene: Scene) => Promise<string | undefined>
  line: string
  by?: 'ada' | 'bob' | 'stranger'
  options?: SayOptions
  /** What is new each time, by design: codes and links that stand readable nowhere. */
  varies?: RegExp
}

const team = async ({ ada, bob }: Scene): Promise<undefined> => {
  await ada.say('/createteam Acme')
  await bob.say(`/join ${joinCode(await ada.say('/invite @bob to Acme'))}`)
  await ada.say('/setcontext Acme')
}
const funded = async (scene: Scene): Promise<undefined> => {
  await team(scene)
  await scene.ada.say('/fund 2')
}
/** Bob's request, which ada decides about. */
const asked = async (scene: Scene): Promise<undefined> => {
  await team(scene)
  await scene.bob.say('/setcontext Acme')
  await scene.bob.say('/askmore 3')
}
const ranOnce = async (scene: Scene): Promise<string> => {
  await funded(scene)
  await scene.ada.say(`/release_notes ${COMMITS}`)
  return eventually(async () => {
    const [run] = await query(scene.chat.core.db, (q) => q.selectFrom('run').select(['id', 'finished_at_ms']))
    if (!run?.finished_at_ms) throw new Error('Still running')
    return run.id
  })
}

/** It works on its first task meanwhile. */
const AT_WORK = /"value":"(?:never|[^"]*\d\d:\d\d|\$[\d.]+|\d+ task[^"]*)"/g
const hired = async (scene: Scene): Promise<undefined> => {
  await funded(scene)
  await scene.ada.say('/hire support Sam')
}
const planned = async (scene: Scene): Promise<string> => {
  await funded(scene)
  await scene.ada.say('/publish changelog-digest')
  await scene.ada.say('/plan "Keep watch" jobs=changelog-digest every=1h')
  const [schedule] = await query(scene.chat.core.db, (q) => q.selectFrom('schedule').select('id'))
  return schedule?.id ?? ''
}
const anyTask = async ({ chat, ada }: Scene): Promise<string> => {
  await ada.say('/task Fix the door')
  const [task] = await query(chat.core.db, (q) => q.selectFrom('task').select('id').where('title', '=', 'Fix the door'))
  return task?.id ?? ''
}

const hasRun = async (scene: Scene): Promise<undefined> => void (await ranOnce(scene))

/** A run that asks ada. */
const asking =
  (review: string) =>
  async (scene: Scene): Promise<undefined> => {
    await funded(scene)
    await scene.ada.say(`/publish\n${ASKS}${review}`)
    await scene.ada.say('/asks')
    await eventually(async () => {
      const reviews = await query(scene.chat.core.db, (q) => q.selectFrom('review').select('id'))
      if (reviews.length === 0) throw new Error('Nothing is asked yet')
    })
  }
const ASKS = `jobId: asks
displayName: Asks
description: For the test.
inputSchema: { type: object, properties: {} }
steps:
  - stepId: say
    toolId: text.template
    inputMappings: { template: { value: Hello }, data: { value: {} } }
outputs: { text: { step: say, output: text } }
review: `
const FORM = '{ kind: form, schema: { type: object, required: [title], properties: { title: { type: string } } } }'

const scheduled = async (scene: Scene): Promise<undefined> => {
  await funded(scene)
  await scene.ada.say(`/schedule release-notes every monday ${COMMITS}`)
}

const onBoard = async (scene: Scene): Promise<undefined> => {
  await team(scene)
  await scene.ada.say('/task Fix the door')
}
const taskOf = async (scene: Scene): Promise<string> => {
  await onBoard(scene)
  const criteria_json = JSON.stringify([{ id: 'a1', text: 'It closes', checked: false, by: null, at: null }])
  const [row] = await scene.chat.core.db.write((tx) =>
    query(tx, (q) => q.updateTable('task').set({ criteria_json }).returning('id')),
  )
  return row?.id ?? ''
}

/** Ada in her team, as operations know her. */
async function adaOf({ chat }: Scene): Promise<Actor> {
  const [account] = await query(chat.core.db, (q) => q.selectFrom('account').select('id').where('handle', '=', 'ada'))
  const [acme] = await query(chat.core.db, (q) => q.selectFrom('team').select('id'))
  const context = teamContext(acme?.id ?? '')
  return { accountId: account?.id ?? '', handle: 'ada', platformRole: 'user', channel: 'telegram', context }
}
const withTrigger = async (scene: Scene): Promise<string> => {
  await funded(scene)
  const mapping = { template: { value: 'x' }, data: { value: {} } }
  const trigger = { name: 'Bell', jobId: 'text.template', scheme: 'github', mapping } as const
  return (await createTrigger(scene.chat.core, await adaOf(scene), trigger)).id
}
const withDelivery = async (scene: Scene): Promise<string> => {
  const id = await withTrigger(scene)
  const { deliveryId } = await sendTest(scene.chat.core, await adaOf(scene), { id, request: {} })
  await untilAtRest(scene)
  return `${id} ${deliveryId}`
}
const withRule = async (scene: Scene): Promise<string> => {
  await team(scene)
  const rule = { command: '/whoami', on: { types: ['bell'] } }
  return (await createRule(scene.chat.core, await adaOf(scene), rule)).id
}

/** A line of each command, said twice as one delivery. */
const REPEATED: Record<string, Repeated> = {
  start: { line: '/start', by: 'bob' },
  help: { line: '/help' },
  notifications: { line: '/notifications quiet 22:00-07:00' },
  whoami: { line: '/whoami' },
  link: { line: '/link', varies: /[2-9A-Z]{8}/g },
  connections: { line: '/connections' },
  console: { line: '/console', varies: /code=[\w-]+/g },
  cancel: { line: '/cancel' },
  fillin: {
    before: async (scene) => {
      await funded(scene)
      await scene.ada.say('/run release-notes')
      const [form] = await query(scene.chat.core.db, (q) => q.selectFrom('form').select('id'))
      return `/fillin ${form?.id} drop`
    },
    line: '',
  },
  home: { before: team, line: '/home' },
  mycontext: { before: team, line: '/mycontext' },
  setcontext: { before: team, line: '/setcontext personal' },
  linkchat: { before: team, line: '/linkchat Acme', options: { group: 'g' } },
  unlinkchat: {
    before: async (scene) => {
      await team(scene)
      await scene.ada.say('/linkchat Acme', { group: 'g' })
    },
    line: '/unlinkchat',
    options: { group: 'g' },
  },
  createteam: { line: '/createteam Other' },
  teams: { before: team, line: '/teams' },
  teaminfo: { before: team, line: '/teaminfo' },
  invitemember: { before: team, line: '/invitemember eve@example.com', varies: /join[ /][\w-]+/g },
  invitations: {
    before: async (scene) => {
      await team(scene)
      await scene.ada.say('/invite eve@example.com')
    },
    line: '/invitations',
  },
  join: {
    before: async (scene) => {
      await team(scene)
      return `/join ${joinCode(await scene.ada.say('/invite anyone'))}`
    },
    line: '',
    by: 'stranger',
  },
  decline: {
    before: async (scene) => {
      await team(scene)
      return `/decline ${joinCode(await scene.ada.say('/invite anyone'))}`
    },
    line: '',
    by: 'bob',
  },
  members: { before: team, line: '/members' },
  setrole: { before: team, line: '/setrole @bob admin' },
  removemember: { before: team, line: '/removemember @bob' },
  leaveteam: { before: team, line: '/leaveteam Acme', by: 'bob' },
  transferteam: { before: team, line: '/transferteam Acme to @bob' },
  renameteam: { before: team, line: '/renameteam Acme to Rockets' },
  deleteteam: {
    before: async (scene) => {
      await team(scene)
      await scene.ada.say('/setcontext personal')
    },
    line: '/deleteteam Acme --yes',
  },
  balance: { before: funded, line: '/balance' },
  statement: { before: funded, line: '/statement' },
  usage: { before: funded, line: '/usage' },
  fund: { before: team, line: '/fund 3' },
  repay: { before: team, line: '/repay 3' },
  cap: { before: team, line: '/cap @bob 3' },
  askmore: { before: team, line: '/askmore 3 until 2d' },
  budgetrequests: { before: asked, line: '/budgetrequests' },
  allowmore: { before: asked, line: '/allowmore' },
  declinemore: { before: asked, line: '/declinemore' },
  creditline: { before: team, line: '/creditline Acme 3' },
  grant: { before: team, line: '/grant Acme 3' },
  refund: { before: async (scene) => `/refund ${await ranOnce(scene)} a mistake`, line: '' },
  jobs: { line: '/jobs' },
  job: { line: '/job release-notes' },
  run: { before: funded, line: `/run release-notes ${COMMITS}` },
  quote: { before: funded, line: '/quote release-notes' },
  confirm: {
    before: async (scene) => {
      await funded(scene)
      await askFirst(scene)
      const { replies } = await scene.ada.ask(`/release_notes ${COMMITS}`)
      return buttonCommand(replies, 'Run it')
    },
    line: '',
  },
  runs: { before: hasRun, line: '/runs' },
  status: { before: hasRun, line: '/status' },
  log: { before: hasRun, line: '/log' },
  cancelrun: {
    before: async (scene) => {
      await funded(scene)
      await scene.ada.say(SLOW)
      await scene.ada.say('/slow')
    },
    line: '/cancelrun',
  },
  retry: {
    before: async (scene) => {
      await team(scene)
      await scene.ada.say('/fund 0.2')
      await scene.ada.say('/run test.meter')
      await eventually(async () => expect(await scene.ada.say('/status')).toContain('Add money, then /retry.'))
      await scene.ada.say('/fund 5')
    },
    line: '/retry',
  },
  variants: { before: hasRun, line: '/variants' },
  accept: { before: hasRun, line: '/accept' },
  export: { before: hasRun, line: '/export csv', varies: /art_[\w-]+/g },
  publish: { before: team, line: '/publish changelog-digest' },
  unpublish: {
    before: async (scene) => {
      await team(scene)
      await scene.ada.say('/publish changelog-digest')
    },
    line: '/unpublish changelog-digest',
  },
  schedule: { before: funded, line: `/schedule release-notes in 3h ${COMMITS}` },
  schedules: { before: scheduled, line: '/schedules' },
  pause: { before: scheduled, line: '/pause --until "in 2 days"', varies: /\d\d:\d\d/g },
  resume: {
    before: async (scene) => {
      await scheduled(scene)
      await scene.ada.say('/pause')
    },
    line: '/resume',
  },
  runnow: { before: scheduled, line: '/runnow' },
  reviews: { before: asking('{ kind: decide }'), line: '/reviews' },
  review: { before: asking('{ kind: decide }'), line: '/review' },
  approve: { before: asking('{ kind: decide }'), line: '/approve fine' },
  reject: { before: asking('{ kind: decide }'), line: '/reject too short' },
  requestchanges: { before: asking('{ kind: decide }'), line: '/requestchanges longer, please' },
  choose: { before: asking('{ kind: choose }'), line: '/choose 1' },
  answer: { before: asking(FORM), line: '/answer title=Spring' },
  unschedule: { before: scheduled, line: '/unschedule release-notes' },
  triggers: { before: async (scene) => void (await withTrigger(scene)), line: '/triggers' },
  deliveries: { before: async (scene) => `/deliveries ${(await withDelivery(scene)).split(' ')[0]}`, line: '' },
  testtrigger: { before: async (scene) => `/testtrigger ${await withTrigger(scene)}`, line: '' },
  pausetrigger: { before: async (scene) => `/pausetrigger ${await withTrigger(scene)}`, line: '' },
  resumetrigger: { before: async (scene) => `/resumetrigger ${await withTrigger(scene)}`, line: '' },
  replaydelivery: { before: async (scene) => `/replaydelivery ${await withDelivery(scene)}`, line: '' },
  rules: { before: async (scene) => void (await withRule(scene)), line: '/rules' },
  rulefires: { before: async (scene) => `/rulefires ${await withRule(scene)}`, line: '' },
  pauserule: { before: async (scene) => `/pauserule ${await withRule(scene)}`, line: '' },
  resumerule: { before: async (scene) => `/resumerule ${await withRule(scene)}`, line: '' },
  removerule: { before: async (scene) => `/removerule ${await withRule(scene)}`, line: '' },
  task: { before: team, line: '/task Fix the door' },
  tasks: { before: onBoard, line: '/tasks' },
  claim: { before: onBoard, line: '/claim' },
  move: { before: onBoard, line: '/move in_progress' },
  showtask: { before: async (scene) => `/showtask ${await taskOf(scene)}`, line: '' },
  checkitem: { before: async (scene) => `/checkitem ${await taskOf(scene)} a1`, line: '' },
  hire: { before: team, line: '/hire support Sam' },
  agents: { before: hired, line: '/agents', varies: AT_WORK },
  pauseagent: { before: hired, line: '/pauseagent Sam', varies: AT_WORK },
  resumeagent: {
    before: async (scene) => {
      await hired(scene)
      await scene.ada.say('/pauseagent Sam')
    },
    line: '/resumeagent Sam',
    varies: AT_WORK,
  },
  retireagent: { before: hired, line: '/retireagent Sam', varies: AT_WORK },
  memory: { before: team, line: '/memory add The door is green' },
  givetask: {
    before: async (scene) => {
      await hired(scene)
      return `/givetask ${await anyTask(scene)} Sam`
    },
    line: '',
    varies: AT_WORK,
  },
  matchtask: {
    before: async (scene) => {
      await hired(scene)
      await scene.ada.say('/task --label faq Answer the tickets')
      return `/matchtask ${await anyTask(scene)}`
    },
    line: '',
    varies: AT_WORK,
  },
  nexttask: { before: hired, line: '/nexttask Sam', varies: AT_WORK },
  plan: {
    before: async (scene) => {
      await funded(scene)
      await scene.ada.say('/publish changelog-digest')
    },
    line: '/plan "Keep watch" jobs=changelog-digest every=1h',
  },
  explainschedule: { before: async (scene) => `/explainschedule ${await planned(scene)}`, line: '' },
  hint: { before: async (scene) => `/hint ${await planned(scene)} every 30m`, line: '' },
  plansource: { before: async (scene) => `/plansource ${await planned(scene)} job:changelog-digest off`, line: '' },
  planaction: { before: team, line: '/planaction act_0 yes' },
  policy: { before: team, line: '/policy mock on' },
  proposed: { before: team, line: '/proposed prop_0 no' },
}

/** Uses five times what it was quoted for. */
const METER = defineTool({
  toolId: 'test.meter',
  version: '1.0.0',
  displayName: 'Meter',
  description: 'Costs more than it said.',
  category: 'test',
  inputSchema: { type: 'object', properties: {} },
  outputSchema: { type: 'object', properties: { text: { type: 'string' } } },
  price: { unit: 'request', rateMicros: 100_000n, maxMicros: 100_000n },
  sideEffect: 'none',
  execute: async () => ({ output: { text: 'metered' }, units: 5n }),
})

const SLOW = `/publish
jobId: slow
displayName: Slow
description: Waits.
inputSchema: { type: object, properties: { ms: { type: integer, default: 60000 } } }
steps:
  - { stepId: pause, toolId: wait, inputMappings: { ms: { input: ms } } }
outputs: {}`

const askFirst = async ({ chat }: Scene): Promise<void> => {
  await chat.core.db.write((tx) => query(tx, (q) => q.updateTable('team').set({ confirm_above_micros: 1n })))
}

function buttonCommand(replies: readonly { parts: readonly unknown[] }[], label: string): string {
  const found = /"label":"([^"]*)","command":"([^"]*)"/g
  for (const [, name, command = ''] of JSON.stringify(replies).matchAll(found)) if (name === label) return command
  throw new Error(`No button ${label}`)
}

/** A run that goes on writes its own charge and files. */
const untilAtRest = ({ chat }: Scene): Promise<void> =>
  eventually(async () => {
    const going = await query(chat.core.db, (q) =>
      q.selectFrom('run').select('id').where('status', 'in', ['queued', 'running']),
    )
    // One that waits may have been told to go on.
    const due = await query(chat.core.db, (q) =>
      q
        .selectFrom('work_item')
        .select('key')
        .where('kind', '=', 'run')
        .where('run_at_ms', '<=', chat.core.clock.nowMs()),
    )
    if (going.length + due.length > 0) throw new Error('Something still runs')
  })

/** Everything that an effect would leave behind, counted. */
const effects = async (scene: Scene): Promise<Record<string, number>> => {
  await untilAtRest(scene)
  const { chat } = scene
  const counts: Record<string, number> = {}
  for (const table of [
    'account',
    'team',
    'membership',
    'invitation',
    'run',
    'job',
    'job_version',
    'budget_request',
    'budget_raise',
    'schedule',
    'webhook_trigger',
    'trigger_delivery',
    'command_rule',
    'variant_choice',
    'artifact',
    'notification',
    'notification_setting',
    'task',
  ] as const) {
    counts[table] = (await query(chat.core.db, (q) => q.selectFrom(table).select(sql<number>`1`.as('one')))).length
  }
  const moved = await query(chat.core.db, (q) => q.selectFrom('transfer').select('id').where('kind', '<>', 'charge'))
  return { ...counts, transfer: moved.length }
}

describe('the commands that are repeated', () => {
  it('are all', () => {
    expect(Object.keys(REPEATED).sort()).toEqual(COMMANDS.map(({ name }) => name).sort())
  })
})

describe.each(WHOLE_DIALECTS)('one delivery handled twice on %s', (dialect) => {
  let scene: Scene
  afterEach(() => scene.chat.end())

  it.each(Object.entries(REPEATED))('/%s answers alike and has its effect once', async (_, repeated) => {
    const chat = await createChat(dialect, { tools: [METER] })
    scene = { chat, ada: await chat.known('ada', { admin: true }), bob: await chat.known('bob') }
    const made = await repeated.before?.(scene)
    const who = repeated.by === 'stranger' ? chat.person('eve', 'slack') : scene[repeated.by ?? 'ada']
    const line = made ?? repeated.line

    const incoming = who.incoming(line, repeated.options)
    const first = await chat.handle(incoming, `${incoming.channel}:${incoming.deliveryId}`)
    const after = await effects(scene)
    const second = await chat.handle(incoming, `${incoming.channel}:${incoming.deliveryId}`)
    expect(sameWords(second, repeated.varies)).toBe(sameWords(first, repeated.varies))
    expect(await effects(scene)).toEqual(after)
    expect((await checkLedger(chat.core)).sound).toBe(true)
    expect(chat.world.errors).toEqual([])
  })
})

const sameWords = (handled: unknown, varies = /(?!)/g): string => JSON.stringify(handled).replaceAll(varies, '…')
