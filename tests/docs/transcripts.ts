import { needsMailStack } from '#tests/peers/mail-stack/stack.ts'
import { AGENT_TASK } from './agent-task.ts'
import { type MailWorld, mailSession, openMailWorld } from './mail.ts'
import { mcpSession } from './mcp.ts'
import { Person } from './person.ts'
import { type Program, startProgram } from './program.ts'
import { session, typed } from './terminal.ts'
import { GITHUB, hasTools, STANDARD, STRIPE, trigger } from './webhooks.ts'

interface Transcript {
  file: string
  name: string
  play(program: Program): Promise<string>
  /** What the program needs that a newcomer's has not. */
  settings?(): Promise<Record<string, string>>
  /** False where the machine lacks something that is typed in it. */
  canPlay?(): boolean
}

/** One that needs mail servers. */
type MailTranscript = Omit<Transcript, 'play'> & { playWith(program: Program, world: MailWorld): Promise<string> }

/** The documents that show how the program is used, and what is played to make each of their blocks. */
export const TRANSCRIPTS: readonly (Transcript | MailTranscript)[] = [
  { file: 'README.md', name: 'release-notes', play: releaseNotes },
  { file: 'README.md', name: 'terminal', play: terminal },
  { file: 'docs/chat.md', name: 'team', play: team },
  { file: 'docs/agents.md', name: 'task', ...AGENT_TASK },
  { file: 'docs/email.md', name: 'mail', canPlay: needsMailStack, playWith: mailSession },
  { file: 'docs/mcp.md', name: 'mcp', play: mcpSession },
  { file: 'docs/triggers.md', name: 'github', canPlay: hasTools, play: (program) => trigger(program, GITHUB) },
  { file: 'docs/triggers.md', name: 'stripe', canPlay: hasTools, play: (program) => trigger(program, STRIPE) },
  { file: 'docs/triggers.md', name: 'standard', canPlay: hasTools, play: (program) => trigger(program, STANDARD) },
]

const COMMITS = `4f1c2aa feat(search): find jobs by what they do
9be03d1 fix(slack): answer in the thread it was asked in
c07de55 feat!: runs are paid by the team that owns the chat
e21b7f0 docs: say how to back up`

/** Plays one of them on an empty database. */
export async function played(transcript: (typeof TRANSCRIPTS)[number]): Promise<string> {
  const world = 'playWith' in transcript ? await openMailWorld() : undefined
  try {
    const program = await startProgram(world?.settings ?? (await transcript.settings?.()))
    try {
      if ('play' in transcript) return await transcript.play(program)
      return world ? await transcript.playWith(program, world) : ''
    } finally {
      await program.stop()
    }
  } finally {
    await world?.end()
  }
}

async function releaseNotes(program: Program): Promise<string> {
  const ana = await Person.claim(program, 'ana')
  const lines = [`/release_notes --title "Spring release"\n${COMMITS}`, '/balance', '/statement']
  const parts = [`$ npm start\n${atHome(program, program.banner)}`]
  for (const line of lines) parts.push(await ana.exchange('you', line))
  return parts.join('\n\n')
}

async function terminal(program: Program): Promise<string> {
  await Person.claim(program, 'ana')
  const lines = [
    String.raw`printf '4f1c2aa feat: dark mode\n9be03d1 fix: a typo\n' | npm run -s muster -- run release-notes - title=Friday`,
    'echo /balance | npm run -s muster -- chat',
    'npm run -s muster -- status',
  ]
  return atHome(program, await session(lines, program.environment))
}

async function team(program: Program): Promise<string> {
  const ana = await Person.claim(program, 'ana')
  await typed('npm run -s muster -- account create ben', program.environment)
  const ben = Person.withKey(program, await typed('npm run -s muster -- key create --account ben', program.environment))
  const parts: string[] = []
  const anaSays = async (line: string): Promise<void> => void parts.push(await ana.exchange('ana', line))
  const benSays = async (line: string): Promise<void> => void parts.push(await ben.exchange('ben', line))

  await anaSays('/createteam Acme')
  await anaSays('/grant Acme 20')
  await anaSays('/invitemember @ben to Acme')
  await benSays(`/join ${inviteCode(parts.at(-1))}`)
  await benSays('/setcontext team Acme')
  await anaSays('/setcontext team Acme')
  await anaSays('/cap ben 0.003')
  await benSays('/release_notes 9be03d1 fix: a typo')
  await benSays('/release_notes 4f1c2aa feat: dark mode')
  await anaSays('/members')
  await anaSays('/statement')
  return atHome(program, parts.join('\n\n'))
}

function inviteCode(answer = ''): string {
  const [, code] = /^ *\/join (\S+)$/m.exec(answer) ?? []
  if (code === undefined) throw new Error(`There is no invitation in: ${answer}`)
  return code
}

/** With the address and the file that everybody has who changes no setting. */
const atHome = ({ url, environment }: Program, text: string): string =>
  text.replaceAll(url, 'http://127.0.0.1:3000').replaceAll(environment.DATABASE_URL ?? '', 'sqlite:./data/muster.db')
