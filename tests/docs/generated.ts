import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { slackManifest } from '#bots/slack/manifest.ts'
import { type Command, GROUPS, type Group } from '#commands/command.ts'
import { COMMANDS } from '#commands/index.ts'
import { usageLine } from '#commands/usage.ts'
import { shippedTemplates } from '#core/jobs/templates.ts'
import { formatUsd } from '#core/money.ts'
import { TOOLS } from '#core/tools/index.ts'
import type { Route } from '#server/openapi/document.ts'
import { GROUPS as ROUTE_GROUPS } from '#server/openapi/groups.ts'
import { describedRoutes } from '#tests/contract/described.ts'
import { type Cost, FLOWS } from '#tests/e2e/support/flow-costs.ts'
import { ROOT } from './program.ts'

/** Parts of documents that are made from the program itself. */
export const GENERATED: readonly { file: string; name: string; make(): string }[] = [
  { file: 'docs/chat.md', name: 'commands', make: commands },
  { file: 'docs/chat.md', name: 'flows', make: flows },
  { file: 'docs/jobs.md', name: 'tools', make: tools },
  { file: 'docs/jobs.md', name: 'templates', make: templates },
  { file: 'docs/api.md', name: 'routes', make: routes },
  { file: 'README.md', name: 'settings', make: settings },
]

/** Whole files that are. */
export const generatedFiles: readonly { file: string; make(): string }[] = [
  { file: 'docs/slack-manifest.json', make: manifest },
]

/** Words with what Markdown would take for a tag. */
const plain = (words: string): string => words.replaceAll('<', '\\<')

const TITLES: Record<Group, string> = {
  start: 'Start',
  context: 'Who pays',
  teams: 'Teams',
  money: 'Money',
  jobs: 'Jobs',
  reviews: 'Reviews',
  schedules: 'Schedules',
  agents: 'Agents and board',
  admin: 'Administration',
}

function commands(): string {
  const groups = GROUPS.map((group) => COMMANDS.filter((command) => command.group === group))
  return groups
    .filter((group) => group.length > 0)
    .map((group) => [`### ${TITLES[group[0]?.group ?? 'start']}`, '', ...group.map(commandLine)].join('\n'))
    .join('\n\n')
}

function commandLine(command: Command): string {
  const notes = [
    ...(command.access === 'admin' ? ['platform admins only'] : []),
    ...(command.access === 'stranger' ? ['also for people who are not known yet'] : []),
    ...(command.scope === 'private' ? ['in private only'] : []),
    ...(command.scope === 'team' ? ['when a team pays'] : []),
    ...(command.aliases.length > 0 ? [`also ${command.aliases.map((alias) => `\`/${alias}\``).join(', ')}`] : []),
  ]
  return `- \`${usageLine(command)}\`: ${plain(command.summary)}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}.`
}

/** What everyday things take, as the tests count them that play them. */
function flows(): string {
  const rows = Object.values(FLOWS).map(
    ({ name, how, telegram, slack, web, mail }) =>
      `| ${name} | ${how} | ${[telegram, slack, web].map(costWords).join(' | ')} | ${count(mail, 'mail')} |`,
  )
  return ['| | what you do | Telegram | Slack | Web | E-mail |', '|---|---|--:|--:|--:|--:|', ...rows].join('\n')
}

const costWords = ({ said, tapped }: Cost): string =>
  [said > 0 ? count(said, 'message') : '', tapped > 0 ? count(tapped, 'tap') : ''].filter(Boolean).join(', ')

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`

function tools(): string {
  const rows = TOOLS.map(({ toolId, description, inputSchema, outputSchema, price, delivery }) => {
    const inputs = namesOf(inputSchema.properties, inputSchema.required)
    const outputs = namesOf(outputSchema.properties, Object.keys(outputSchema.properties ?? {}))
    const costs = delivery === 'callback' ? 'its provider’s' : `$${formatUsd(price.maxMicros)}`
    return `| \`${toolId}\` | ${description} | ${inputs} | ${outputs} | ${costs} |`
  })
  return ['| tool | does | inputs | outputs | a call |', '|---|---|---|---|--:|', ...rows].join('\n')
}

const namesOf = (properties: object = {}, required: readonly string[] = []): string =>
  Object.keys(properties)
    .map((name) => `\`${name}\`${required.includes(name) ? '' : '?'}`)
    .join(', ')

function templates(): string {
  const rows = shippedTemplates().map(
    ({ jobId, description, roles = [], baselineMinutes }) =>
      `| [\`${jobId}\`](../core/jobs/templates/${jobId}.yaml) | ${description} | ${roles.join(', ')} | ${baselineMinutes} |`,
  )
  return ['| template | does | for | minutes by hand |', '|---|---|---|--:|', ...rows].join('\n')
}

/** What each route says of itself, by group. */
function routes(): string {
  const all = describedRoutes()
  const groups = Object.entries(ROUTE_GROUPS).map(([group, words]) => {
    const rows = all.filter(({ doc }) => doc?.group === group).map(routeLine)
    return [`**${group}**: ${words}`, '', '| route | |', '|---|---|', ...rows].join('\n')
  })
  return groups.join('\n\n')
}

const routeLine = ({ method, path, doc }: Route): string =>
  `| \`${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}\` | ${plain(doc?.summary ?? '')} |`

/** `.env.example` has each setting with its default, and above it what it is for. */
function settings(): string {
  const paragraphs = readFileSync(join(ROOT, '.env.example'), 'utf8').split('\n')
  const rows: string[] = []
  let words: string[] = []
  for (const line of paragraphs) {
    const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(line) ?? []
    if (line.startsWith('#')) words.push(line.slice(1).trim())
    else if (name !== undefined)
      rows.push(`| \`${name}\` | ${value ? `\`${value}\`` : '–'} | ${plain(words.join(' '))} |`)
    if (!line.startsWith('#')) words = []
  }
  return ['| setting | default | what it does |', '|---|---|---|', ...rows].join('\n')
}

/** Slack's app manifest as most people need it. Jobs of a workspace's own get their commands added there. */
function manifest(): string {
  const wanted = slackManifest({ name: 'Muster', publicUrl: 'https://muster.example.com', mode: 'socket', jobs: [] })
  return `${JSON.stringify(wanted, null, 2)}\n`
}
