import { expect, test } from 'vitest'
import { slackManifest } from '#bots/slack/manifest.ts'

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
    event_subscriptions: { bot_events: ['app_mention', 'message.im'] },
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
