import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MAIL_MAX_BYTES } from '#bots/email/read.ts'
import { Random } from '#tests/crash/random.ts'
import { type Names, openNames } from '#tests/peers/mail-stack/names.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import { type Hostile, hostileMail, LARGE_KINDS, SMALL_KINDS } from './fuzz-mails.ts'
import { OWN, relayed, signed, written } from './harness.ts'
import { addPerson, MailProcess } from './mail-process.ts'
import { openPost, type Post } from './post.ts'

const SECRET = 'the relay and the program know it'
const SEED = Number(process.env.SEED ?? 20_261_127)
const IS_LONG = process.env.LONG_PROOFS === '1'
const SMALL_MAILS = IS_LONG ? 9_940 : 220
const LARGE_MAILS = IS_LONG ? 60 : 5
const MB = 1024 * 1024
const GROWTH_MAX_BYTES = 256 * MB
/** Of the processor, so that a busy machine is no reason to fail. */
const MAIL_MAX_MS = 5_000
/** Of the system's clock ticks, by which it counts. */
const TICK_MS = 10
/** The signature of their sender's domain is on so many of them. */
const SIGNED_EVERY = 8

interface Cost {
  kind: string
  cpuMs: number
  wallMs: number
  /** More than before the first mail, at most, while this one was taken. */
  grownBytes: number
}

/** The real program, as a process of its own: what it takes is what the system says it takes. */
describe(`hostile mails, seed ${SEED}`, { timeout: 3_600_000 }, () => {
  let world: World
  let post: Post
  let names: Names
  let program: MailProcess
  let url: string
  let ann: string
  let beforeBytes = 0

  beforeAll(async () => {
    world = await createWorld('sqlite')
    ann = await addPerson(world, 'ann')
    post = await openPost()
    names = await openNames()
    const { databaseUrl } = world
    program = new MailProcess({ databaseUrl, names, smtpUrl: post.url, relaySecret: SECRET, own: OWN })
    url = await program.start()
  })
  afterAll(async () => {
    await program?.end()
    await post?.close()
    names?.close()
    await world?.end()
  })

  const statusOf = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${program.pid}/status`, 'utf8'))?.[1]) *
    1024
  const cpuMs = (): number => {
    const fields = readFileSync(`/proc/${program.pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS
  }
  /** Over a connection of its own each: one that was answered too early is good for nothing more. */
  function bring(raw: Buffer): Promise<number> {
    const headers = { ...Object.fromEntries(relayed(raw, SECRET).headers), 'content-length': raw.length }
    return new Promise((resolve, reject) => {
      const sending = request(`${url}/webhooks/email`, { method: 'POST', agent: false, headers }, (answer) => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      })
      // What is too large is answered before all of it was written, and nobody listens to the rest.
      sending.on('error', (error) => (raw.length > MAIL_MAX_BYTES ? resolve(413) : reject(error)))
      sending.end(raw)
    })
  }
  async function measured({ kind, raw }: Hostile, at: number): Promise<Cost> {
    const mail = at % SIGNED_EVERY === 0 && raw.length < MB ? await signed(raw).catch(() => raw) : raw
    // From here on the system looks anew for the most that it takes.
    writeFileSync(`/proc/${program.pid}/clear_refs`, '5')
    const [beganMs, beganCpuMs] = [performance.now(), cpuMs()]
    const status = await bring(mail)
    expect([kind, at, status]).toEqual([kind, at, mail.length > MAIL_MAX_BYTES ? 413 : 200])
    const grownBytes = statusOf('VmHWM') - beforeBytes
    return { kind, cpuMs: cpuMs() - beganCpuMs, wallMs: performance.now() - beganMs, grownBytes }
  }

  it('crash nothing, and take neither much memory nor long', async () => {
    const first = await written({ subject: '/balance', text: 'x', messageId: '<first@example.test>', date: new Date() })
    expect(await bring(await signed(first))).toBe(200)
    beforeBytes = statusOf('VmRSS')
    const random = new Random(SEED)
    const costs: Cost[] = []
    const every = Math.floor(SMALL_MAILS / LARGE_MAILS)
    for (let at = 0; at < SMALL_MAILS; at++) {
      const kinds =
        at % every === 0
          ? [LARGE_KINDS[(at / every) % LARGE_KINDS.length], SMALL_KINDS[at % SMALL_KINDS.length]]
          : [SMALL_KINDS[at % SMALL_KINDS.length]]
      if (at % 1_000 === 999) console.log(`${costs.length} mails so far`)
      for (const kind of kinds) costs.push(await measured(hostileMail(kind ?? '', random, ann, OWN), at))
    }
    const grownBytes = Math.max(...costs.map((cost) => cost.grownBytes))
    const largest = costs.toSorted((one, other) => other.grownBytes - one.grownBytes).slice(0, 8)
    const slowest = costs.toSorted((one, other) => other.cpuMs - one.cpuMs).slice(0, 8)
    console.log(
      [
        `${costs.length} mails: ${Math.round(beforeBytes / MB)} MB before, at most ${Math.round(grownBytes / MB)} MB more;`,
        ...largest.map(({ kind, grownBytes: bytes }) => `  ${kind}: ${Math.round(bytes / MB)} MB`),
        ...slowest.map(
          ({ kind, cpuMs: cpu, wallMs }) => `  ${kind}: ${cpu} ms of the processor, ${Math.round(wallMs)} ms`,
        ),
      ].join('\n'),
    )
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    expect(program.errors()).toEqual([])
    expect(slowest[0]?.cpuMs).toBeLessThan(MAIL_MAX_MS)
    expect(grownBytes).toBeLessThan(GROWTH_MAX_BYTES)
  })
})
