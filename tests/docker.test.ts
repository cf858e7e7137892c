import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readConfig } from '#server/config.ts'
import { settingsSchema } from '#server/settings.ts'
import { ROOT } from './docs/program.ts'

const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8')
const SETTINGS = new Set(Object.keys(settingsSchema.shape))

interface Service {
  image: string
  command?: string[]
  user?: string
  ports?: string[]
  secrets: string[]
  environment: Record<string, string>
  healthcheck: { test: string[] }
  restart: string
  read_only?: boolean
  cap_drop?: string[]
  stop_grace_period: string
  depends_on?: Record<string, { condition: string }>
  volumes: string[]
}

describe('compose.yaml', () => {
  const file = parse(read('compose.yaml'), { merge: true })
  const services: Record<string, Service> = file.services
  const ours = [services.web, services.worker].filter((service) => service !== undefined)

  test('has web, worker and a database that they wait for', () => {
    expect(Object.keys(services)).toEqual(['web', 'worker', 'db'])
    expect(ours.map(({ command }) => command)).toEqual([
      ['start', '--role', 'web'],
      ['start', '--role', 'worker'],
    ])
    for (const { depends_on: needs } of ours) expect(needs?.db?.condition).toBe('service_healthy')
  })

  test.each(Object.keys(services))('%s is looked after, comes back, and has time to stop', (name) => {
    const service = services[name] as Service
    expect(service.healthcheck.test[0]).toBe('CMD')
    expect(service.restart).toBe('unless-stopped')
    expect(Number.parseInt(service.stop_grace_period, 10)).toBeGreaterThan(15)
  })

  test('gives ours no right that they do not need, and reaches the world by this machine alone', () => {
    for (const service of ours) expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] })
    const ports = Object.values(services).flatMap(({ ports = [] }) => ports)
    expect(ports).toEqual(['127.0.0.1:3000:3000'])
  })

  test('sets only what is a setting, and no secret in the open', () => {
    for (const { environment } of ours) {
      expect(Object.keys(environment).filter((name) => !SETTINGS.has(name))).toEqual([])
      const fixed = Object.entries(environment).filter(([, value]) => value !== '' && !/^\$\{\w+:-.*\}$/.test(value))
      expect(fixed.filter(([name]) => name !== 'DRAIN_MS')).toEqual([])
    }
  })

  test('has a file for each secret, which docker/secrets.sh makes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'muster-secrets-'))
    const make = () => execFileSync('sh', [join(ROOT, 'docker', 'secrets.sh'), folder])
    make()
    const made = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
    make()
    for (const [name, text] of Object.entries(made)) expect(readFileSync(join(folder, name), 'utf8')).toBe(text)
    const { POSTGRES_PASSWORD, ...settings } = made
    expect(Object.keys(made).sort()).toEqual(Object.keys(file.secrets).sort())
    expect(readConfig(settings).databaseUrl).toBe(`postgres://muster:${POSTGRES_PASSWORD}@db/muster`)
    expect(readConfig(settings).masterKeys).toHaveLength(1)
    rmSync(folder, { recursive: true })
  })
})

describe('the image', () => {
  const dockerfile = read('Dockerfile')

  test('copies what is there and everything the program needs, and nothing of the developers’', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = '']) => names.split(' '))
    expect(copied.filter((name) => !existsSync(join(ROOT, name)))).toEqual([])
    expect(copied).toEqual(expect.arrayContaining(['bots', 'commands', 'core', 'db', 'server', 'package.json']))
    const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '))
    expect(last).not.toMatch(/COPY \. |tests/)
    expect(read('.dockerignore').split('\n')).toEqual(
      expect.arrayContaining(['.env', '.git', 'data', 'secrets', '**/node_modules']),
    )
  })

  test('runs as nobody in particular, on the Node of the developers, and asks a route that is there', () => {
    const { devDependencies } = JSON.parse(read('package.json'))
    const [major] = devDependencies.node.split('.')
    for (const [, image] of dockerfile.matchAll(/^FROM (\S+)/gm)) expect(image).toMatch(new RegExp(`^node:${major}-`))
    expect(dockerfile).toMatch(/^USER node$/m)
    expect(dockerfile).toMatch(/HEALTHCHECK[\s\S]*\/healthz/)
    expect(read('server/health/routes.ts')).toContain("'/healthz'")
  })

  describe('when it starts', () => {
    let directory: string
    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), 'muster-entrypoint-'))
      mkdirSync(join(directory, 'bin'))
      mkdirSync(join(directory, 'secrets'))
      writeFileSync(join(directory, 'bin', 'node'), '#!/bin/sh\necho "$@"\nenv\n', { mode: 0o755 })
    })
    afterEach(() => rmSync(directory, { recursive: true }))

    test('takes settings from files, as they are, and passes on what it was told', () => {
      writeFileSync(join(directory, 'secrets', 'AUTH_SECRET'), 'it\'s $HOME `x` \\ "y"\n')
      writeFileSync(join(directory, 'secrets', 'LOG_LEVEL'), 'debug')
      writeFileSync(join(directory, 'secrets', 'not-a-name;echo'), 'x')
      const environment = {
        PATH: `${join(directory, 'bin')}:/usr/bin:/bin`,
        SECRETS_DIRECTORY: join(directory, 'secrets'),
        LOG_LEVEL: 'warn',
      }
      const script = join(ROOT, 'docker', 'entrypoint.sh')
      const said = execFileSync('sh', [script, 'start', '--role', 'web'], { env: environment, encoding: 'utf8' })
      // With Node's flags of `npm start`.
      const { scripts } = JSON.parse(read('package.json')) as { scripts: { start: string } }
      expect(said.split('\n')[0]).toBe(`${scripts.start.replace('node ', '')} --role web`)
      expect(said).toContain('AUTH_SECRET=it\'s $HOME `x` \\ "y"\n')
      expect(said).toContain('LOG_LEVEL=warn\n')
      expect(statSync(script).mode & 0o111).not.toBe(0)
    })
  })
})
