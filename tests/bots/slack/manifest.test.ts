import { expect, test } from 'vitest'
import { slackManifest } from '#bots/slack/manifest.ts'
import { manifestProblems } from '../../peers/slack/manifest-facts.ts'

const jobs = [
  { command: 'release_notes', description: 'Notes from commits' },
  { command: '/status', description: 'Slack keeps this one for itself' },
  { command: 'release_notes', description: 'twice' },
  { command: 'Not A Command', description: '' },
  { command: 'brief', description: '' },
]

test('over a socket: one command for all, one per job, and no addresses', () => {
  const manifest = slackManifest({ name: 'Muster', publicUrl: 'https://muster.example', mode: 'socket', jobs })
  expect(manifest.features.slash_commands.map(({ command }) => command)).toEqual([
    '/muster',
    '/release_notes',
    '/brief',
  ])
  expect(manifest.settings).toMatchObject({
    socket_mode_enabled: true,
    event_subscriptions: { bot_events: ['app_home_opened', 'app_mention', 'message.im'] },
    interactivity: { is_enabled: true },
  })
  expect(JSON.stringify(manifest)).not.toContain('muster.example')
  for (const { description } of manifest.features.slash_commands) expect(description).not.toBe('')
})

test('over HTTP: everything comes to one address', () => {
  const manifest = slackManifest({ name: 'M'.repeat(50), publicUrl: 'https://muster.example/', mode: 'http', jobs })
  const url = 'https://muster.example/webhooks/slack'
  expect(manifest.features.slash_commands.every((command) => command.url === url)).toBe(true)
  expect(manifest.settings).toMatchObject({
    socket_mode_enabled: false,
    event_subscriptions: { request_url: url },
    interactivity: { request_url: url },
  })
  expect(manifest.display_information.name).toHaveLength(35)
})

test('Slack takes fifty commands', () => {
  const many = Array.from({ length: 80 }, (_, index) => ({ command: `job-${index}`, description: 'x' }))
  const manifest = slackManifest({ name: 'Muster', publicUrl: 'https://m.example', mode: 'socket', jobs: many })
  expect(manifest.features.slash_commands).toHaveLength(50)
})

test('Slack takes it, whatever the jobs are called', () => {
  const odd = [
    ...jobs,
    { command: 'x'.repeat(31), description: 'y'.repeat(5_000) },
    { command: 'x'.repeat(32), description: 'too long' },
    { command: '', description: '' },
  ]
  for (const mode of ['socket', 'http'] as const) {
    const manifest = slackManifest({ name: 'M'.repeat(50), publicUrl: 'https://muster.example', mode, jobs: odd })
    expect(manifestProblems(JSON.parse(JSON.stringify(manifest)))).toEqual([])
  }
})

test('the Home tab and both shortcuts are in it, under the names the bot listens to', () => {
  const { features } = slackManifest({ name: 'Muster', publicUrl: 'https://m.example', mode: 'socket', jobs: [] })
  expect(features.app_home).toMatchObject({ home_tab_enabled: true, messages_tab_enabled: true })
  expect(features.shortcuts.map(({ type, callback_id }) => [type, callback_id])).toEqual([
    ['global', 'run_job'],
    ['message', 'run_on_message'],
  ])
})

test('what Slack refuses is found', () => {
  const good = slackManifest({ name: 'Muster', publicUrl: 'https://m.example', mode: 'socket', jobs: [] })
  const broken = (from: string, to: string): string[] => {
    const json = JSON.stringify(good)
    expect(json).toContain(from)
    return manifestProblems(JSON.parse(json.replace(from, to)))
  }
  expect(broken('"Run a job"', '"Run a job on this message"')).toHaveLength(1)
  expect(broken('"socket_mode_enabled"', '"socket_mode"')).toHaveLength(1)
  expect(broken('"channels:history"', '"commands"')).toHaveLength(1)
  expect(broken('"display_information"', '"display"')).toHaveLength(2)
})
