import { createServer } from 'node:http'
import { Person } from './person.ts'
import { freePort, type Program } from './program.ts'

/** Where the news goes in the story; it is played by a port of this machine, which the settings let the program reach. */
const SHOWN = 'https://news.example'

/** A newcomer hires an agent, gives it a task, sends the result back once, and approves it. */
export const AGENT_TASK = { settings: async () => ({ OUTBOUND_ALLOW: `127.0.0.1:${await freePort()}` }), play }

async function play(program: Program): Promise<string> {
  const address = new URL(`http://${program.environment.OUTBOUND_ALLOW}`)
  const posts: string[] = []
  const news = createServer((request, response) => {
    posts.push(`${request.method} ${request.url}`)
    response.end('ok')
  })
  await new Promise<void>(
    (resolve, reject) => void news.once('error', reject).listen(Number(address.port), '127.0.0.1', resolve),
  )
  try {
    const ana = await Person.claim(program, 'ana')
    const parts: string[] = []
    const says = async (line: string, ...fits: RegExp[]): Promise<void> =>
      void parts.push(await ana.story('you', line, fits))
    await says('/hire marketing Max', /Max is hired/, /Max: Write.*[\s\S]*in the review/, /Review · Write/)
    await says('/approve', /Approved/)
    await says(task(address.origin), /on the board/, /Max: Announce[\s\S]*in the review/, /Review · Announce/)
    await says(
      '/requestchanges Say that it is free',
      /Sent back/,
      /Max: Announce[\s\S]*in the review/,
      /Review · Announce/,
    )
    if (posts.length > 0) throw new Error(`Before the approval there came: ${posts.join(', ')}`)
    await says('/approve', /Approved/, /Announce v2\.1 is done/)
    if (posts.join() !== 'POST /v2') throw new Error(`What came is: ${posts.join(', ')}`)
    await says('/agents', /Max[\s\S]*Time saved/)
    return parts.join('\n\n').replaceAll(address.origin, SHOWN)
  } finally {
    news.closeAllConnections()
    await new Promise((resolve) => news.close(resolve))
  }
}

const task = (origin: string): string =>
  [
    '/task --to Max Announce v2.1',
    `mock: call http_request {"method":"POST","url":"${origin}/v2"}`,
    '- [ ] at most 60 words',
    '- [ ] contains "v2.1"',
    '- [ ] contains "free"',
  ].join('\n')
