import { askForBudget } from '#core/budgets/ask.ts'
import type { ErrorCode } from '#core/errors.ts'
import {
  type Asking,
  fund,
  type Scene,
  withAgent,
  withCode,
  withDelivery,
  withJob,
  withPlanned,
  withReview,
  withRule,
  withRun,
  withSchedule,
  withTask,
  withTrigger,
  withVariant,
} from './rights-scene.ts'

export type Outcome = 'ok' | ErrorCode
export type Outcomes = Record<Asking, Outcome>

export interface Line {
  /** The command's name. */
  name: string
  /** Makes what the command needs, and says what is said. People of the team say it in its name, others in their own. */
  line(scene: Scene): string | Promise<string>
  expected: Outcomes
  /** Said before by the owner, in the same conversation. */
  before?: (scene: Scene) => string
}

const RANKS = ['viewer', 'member', 'admin', 'owner'] as const

/** `least` and those above may, those below are told so; to others it is not there, unless it says otherwise. */
function may(least: (typeof RANKS)[number], others: Partial<Outcomes> = {}, ok: Outcome = 'ok'): Outcomes {
  const ranks = RANKS.map((rank, index) => [rank, index >= RANKS.indexOf(least) ? ok : 'forbidden'])
  return { stranger: 'not_found', platform: 'not_found', ...Object.fromEntries(ranks), ...others } as Outcomes
}

/** Whoever says it. */
const all = (outcome: Outcome): Outcomes => may('viewer', { stranger: outcome, platform: outcome }, outcome)
/** In one's own name as well. */
const alsoAlone = { stranger: 'ok', platform: 'ok' } as const

const row = (name: string, expected: Outcomes, line: Line['line'] = () => `/${name}`): Line => ({
  name,
  line,
  expected,
})

const withRequest = async ({ api, people, owner }: Scene): Promise<string> => {
  const member = { ...owner, accountId: people.member.accountId, handle: people.member.handle }
  return (await askForBudget(api.core, member, { limit: 'available', amount: '0.05' })).id
}
/** Made first, then said. */
const after =
  (make: (scene: Scene) => Promise<unknown>, line: string): Line['line'] =>
  async (scene) => {
    await make(scene)
    return line
  }
const ofReview =
  (command: string, rest = '') =>
  async (scene: Scene) =>
    `/${command} ${(await withReview(scene)).id}${rest}`
const ofSchedule = (command: string) => async (scene: Scene) => `/${command} ${await withSchedule(scene)}`
const ofTeam =
  (command: string, rest = '') =>
  ({ teamId }: Scene) =>
    `/${command} ${teamId}${rest}`
const ofRun =
  (command: string, rest = '') =>
  async (scene: Scene) =>
    `/${command} ${await withRun(scene)}${rest}`

const START = [
  row('start', all('ok')),
  row('help', all('ok')),
  row('whoami', all('ok')),
  // A code that signs in is not shown where others read along.
  row('link', all('bad_input')),
  row('console', all('ok')),
  row('notifications', all('ok')),
  row('cancel', all('ok')),
  row('fillin', all('not_found'), () => '/fillin form_x go'),
  row('proposed', all('not_found'), () => '/proposed say_x go'),
  row('home', all('ok')),
  row('mycontext', all('ok')),
  row('setcontext', may('viewer'), ofTeam('setcontext team')),
  row('linkchat', may('admin'), ofTeam('linkchat')),
  { ...row('unlinkchat', may('admin')), before: ofTeam('linkchat') },
]

const TEAMS = [
  row('createteam', all('ok'), () => '/createteam Other'),
  row('teams', all('ok')),
  row('teaminfo', may('viewer'), ofTeam('teaminfo')),
  row('invitemember', may('admin'), ofTeam('invitemember somebody@example.com to')),
  row('invitations', may('admin'), ofTeam('invitations')),
  row('join', may('viewer', alsoAlone, 'conflict'), async (scene) => `/join ${(await withCode(scene)).code}`),
  row('decline', all('ok'), async (scene) => `/decline ${(await withCode(scene)).code}`),
  row('members', may('viewer'), ofTeam('members')),
  row('setrole', may('admin'), ({ people, teamId }) => `/setrole @${people.viewer.handle} member in ${teamId}`),
  // Taking oneself out is leaving.
  row(
    'removemember',
    may('admin', { viewer: 'ok' }),
    ({ people, teamId }) => `/removemember @${people.viewer.handle} from ${teamId}`,
  ),
  row('leaveteam', may('viewer', { owner: 'conflict' }), ofTeam('leaveteam')),
  row('transferteam', may('owner'), ({ people, teamId }) => `/transferteam ${teamId} to @${people.member.handle}`),
  row('renameteam', may('admin'), ofTeam('renameteam', ' to Other')),
  row('deleteteam', may('owner'), ofTeam('deleteteam', ' --yes')),
]

const MONEY = [
  row('balance', all('ok')),
  row('statement', all('ok')),
  row('usage', all('ok')),
  row('fund', may('member', { stranger: 'forbidden', platform: 'ok' }), () => '/fund 0.01'),
  row('repay', may('member', { stranger: 'bad_input', platform: 'bad_input' }), () => '/repay 0.01'),
  row('cap', may('admin', { stranger: 'bad_input', platform: 'bad_input' }), () => '/cap team 5'),
  row('askmore', may('member', alsoAlone), () => '/askmore 5'),
  row('budgetrequests', all('ok')),
  row('allowmore', may('admin', { platform: 'ok' }), async (scene) => `/allowmore ${await withRequest(scene)}`),
  row('declinemore', may('admin', { platform: 'ok' }), async (scene) => `/declinemore ${await withRequest(scene)}`),
  row('creditline', { ...all('forbidden'), stranger: 'not_found', platform: 'ok' }, ofTeam('creditline', ' 5')),
  row('grant', { ...all('forbidden'), platform: 'ok' }, ofTeam('grant', ' 0.01')),
  // Nothing was paid so far.
  row('refund', { ...all('forbidden'), platform: 'not_found' }, ofRun('refund', ' why')),
]

const JOBS = [
  row('jobs', all('ok')),
  row('job', may('viewer'), after(withJob, '/job hello')),
  row('run', may('member'), async (scene) => {
    await fund(scene)
    await withJob(scene)
    return '/run hello'
  }),
  row('quote', may('viewer'), after(withJob, '/quote hello')),
  row('confirm', all('not_found'), () => '/confirm nothing'),
  row('publish', may('admin', alsoAlone), () => '/publish release-notes'),
  row('unpublish', may('admin'), after(withJob, '/unpublish hello')),
]

const RUNS = [
  row('runs', all('ok')),
  row('status', may('viewer'), ofRun('status')),
  row('log', may('viewer'), ofRun('log')),
  row('cancelrun', may('member'), ofRun('cancelrun')),
  // It is still at work: who may is told so.
  row('retry', may('member', {}, 'conflict'), ofRun('retry')),
  // It has brought nothing so far: who may look is told so.
  row('variants', may('viewer', {}, 'conflict'), ofRun('variants')),
  row('accept', may('member'), async (scene) => `/accept ${await withVariant(scene)}`),
  row('export', may('viewer'), async (scene) => `/export ${await withVariant(scene)} json`),
]

const REVIEWS = [
  row('reviews', all('ok')),
  row('review', may('viewer'), ofReview('review')),
  row('approve', may('member'), ofReview('approve')),
  row('reject', may('member'), ofReview('reject', ' no')),
  row('requestchanges', may('member'), ofReview('requestchanges', ' shorter')),
  // There is nothing to choose and no form: who may decide is told so.
  row('choose', may('member', {}, 'bad_input'), ofReview('choose', ' 1')),
  row('answer', may('member', {}, 'bad_input'), ofReview('answer', ' a=b')),
]

const SCHEDULES = [
  row('schedule', may('admin'), after(withJob, '/schedule hello every hour')),
  row('schedules', all('ok')),
  row('pause', may('admin'), ofSchedule('pause')),
  row('resume', may('admin'), ofSchedule('resume')),
  row('runnow', may('admin'), async (scene) => {
    await fund(scene)
    return ofSchedule('runnow')(scene)
  }),
  row('unschedule', may('admin'), ofSchedule('unschedule')),
  row(
    'plan',
    may('admin', { stranger: 'not_found', platform: 'not_found' }),
    after(withJob, '/plan "Greet" jobs=hello'),
  ),
  row('explainschedule', may('viewer'), ofSchedule('explainschedule')),
  row('hint', may('admin'), async (scene) => `/hint ${await withPlanned(scene)} every 30m`),
  row('plansource', may('admin'), async (scene) => `/plansource ${await withPlanned(scene)} job:hello off`),
  // There is no such recommendation: nobody is told more than that.
  row('planaction', all('not_found'), () => '/planaction act_0 yes'),
]

const BOARD = [
  row('task', may('member', alsoAlone), () => '/task Sweep the yard'),
  row('tasks', all('ok')),
  row('claim', may('member'), after(withTask, '/claim Fix')),
  row('move', may('member'), async (scene) => `/move ${await withTask(scene)} claimed`),
  row('showtask', may('viewer'), async (scene) => `/showtask ${await withTask(scene)}`),
  row('checkitem', may('member', {}, 'not_found'), async (scene) => `/checkitem ${await withTask(scene)} a1`),
  row('hire', may('admin', alsoAlone), () => '/hire support Sam'),
  row('policy', may('admin', alsoAlone), () => '/policy mock on'),
  row('agents', all('ok')),
  row('memory', all('ok')),
  row('pauseagent', may('admin'), async (scene) => `/pauseagent ${await withAgent(scene)}`),
  row('resumeagent', may('admin'), async (scene) => `/resumeagent ${await withAgent(scene)}`),
  row('retireagent', may('admin'), async (scene) => `/retireagent ${await withAgent(scene)}`),
  row('nexttask', may('member'), async (scene) => {
    await withTask(scene)
    return `/nexttask ${await withAgent(scene)}`
  }),
  // Nothing says who fits, and there is no model to ask: who may is told so.
  row('matchtask', may('member', {}, 'conflict'), async (scene) => `/matchtask ${await withTask(scene)}`),
  row('givetask', may('member'), async (scene) => `/givetask ${await withTask(scene)} ${await withAgent(scene)}`),
  row('connections', all('ok')),
]

const ofTrigger = (command: string) => async (scene: Scene) => `/${command} ${await withTrigger(scene)}`
const ofRule = (command: string) => async (scene: Scene) => `/${command} ${await withRule(scene)}`

const TRIGGERS = [
  row('triggers', all('ok')),
  row('deliveries', may('viewer'), ofTrigger('deliveries')),
  row('testtrigger', may('admin'), ofTrigger('testtrigger')),
  row('pausetrigger', may('admin'), ofTrigger('pausetrigger')),
  row('resumetrigger', may('admin'), ofTrigger('resumetrigger')),
  row('replaydelivery', may('admin'), async (scene) => {
    const id = await withTrigger(scene)
    return `/replaydelivery ${id} ${await withDelivery(scene, id)}`
  }),
  row('rules', all('ok')),
  row('rulefires', may('viewer'), ofRule('rulefires')),
  row('pauserule', may('admin'), ofRule('pauserule')),
  row('resumerule', may('admin'), ofRule('resumerule')),
  row('removerule', may('admin'), ofRule('removerule')),
]

/** A row for each command there is. */
export const LINES: readonly Line[] = [
  ...START,
  ...TEAMS,
  ...MONEY,
  ...JOBS,
  ...RUNS,
  ...REVIEWS,
  ...SCHEDULES,
  ...TRIGGERS,
  ...BOARD,
]
