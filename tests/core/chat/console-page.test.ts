import { expect, it } from 'vitest'
import { consolePage, isOpenToOthers } from '#core/chat/console-page.ts'
import type { ChannelName } from '#core/chat/message.ts'

const OPEN = [
  'https://muster.example',
  'https://muster.example:8443',
  'http://chat.acme.co.uk/muster',
  'https://93.184.216.34',
  'https://[2606:2800:220:1::1]',
  'https://MUSTER.example.',
  'https://localhost.example.com',
]

const AT_HOME = [
  'http://localhost:3000',
  'http://LOCALHOST',
  'http://localhost.',
  'http://muster.localhost',
  'http://127.0.0.1:3000',
  'http://127.1',
  'http://2130706433',
  'http://0x7f.0.0.1',
  'http://0.0.0.0:3000',
  'http://10.0.0.8',
  'http://172.16.3.4',
  'http://192.168.1.20:3000',
  'http://100.64.0.1',
  'http://169.254.169.254',
  'http://203.0.113.7',
  'http://[::1]:3000',
  'http://[::ffff:127.0.0.1]',
  'http://[fd00::1]',
  'http://[fe80::1]',
  'http://muster:3000',
  'http://muster.local',
  'http://printer.home.arpa',
  'http://muster.internal',
  'http://muster.lan',
  'https://muster.test',
  'https://name@muster.example',
  'https://name:word@muster.example',
  'ftp://muster.example',
  'javascript:alert(1)',
  'muster.example',
  '',
]

it.each(OPEN)('%s can be opened by others', (address) => {
  expect(isOpenToOthers(address)).toBe(true)
})

it.each(AT_HOME)('%s is for this machine or its network alone, or no address at all', (address) => {
  expect(isOpenToOthers(address)).toBe(false)
})

const OUTSIDE: ChannelName[] = ['telegram', 'slack', 'email']

it('is a path in the console itself, and elsewhere an address where there is one for others', () => {
  const at = (publicUrl: string, channel: ChannelName) => consolePage({ publicUrl }, channel, '/runs/run_1')
  for (const publicUrl of ['https://muster.example', 'http://127.0.0.1:3000']) {
    expect(at(publicUrl, 'web')).toBe('/runs/run_1')
  }
  for (const channel of OUTSIDE) {
    expect(at('https://muster.example', channel)).toBe('https://muster.example/runs/run_1')
    expect(at('http://127.0.0.1:3000', channel)).toBeUndefined()
  }
})
