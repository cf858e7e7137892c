import process from 'node:process'
import { startWork } from '#core/work.ts'
import { openDatabase } from '#db/open.ts'
import { LeaseLostError } from '#db/queue/queue.ts'
import { heldCore, heldTool } from './held-job.ts'

/**
 * A worker in a process of its own, to be stopped and killed. It says how many tools it holds; told to `go`, it lets them
 * end, and says what became of the writes that followed.
 */
export type FromWorker =
  | { say: 'working' }
  | { say: 'holding'; tools: number }
  | { say: 'wrote'; refused: number; written: number }

const [, , databaseUrl = '', leaseMs = '30000'] = process.argv
const tell = (message: FromWorker): void => void process.send?.(message)

const gate = Promise.withResolvers<void>()
let holding = 0
let isOpen = false
let refused = 0
let written = 0

const db = await openDatabase(databaseUrl, { synchronous: 'OFF', watchMs: 50 })
const write = db.write.bind(db)
db.write = async (body) => {
  const wasOpen = isOpen
  try {
    const value = await write(body)
    // Whoever wants to hold on to what it has lost changes no row, and hears so.
    if (wasOpen && value !== 0) written++
    return value
  } catch (error) {
    if (error instanceof LeaseLostError) refused++
    throw error
  }
}
const tool = heldTool('the stopped one', async () => {
  tell({ say: 'holding', tools: ++holding })
  await gate.promise
})
const core = heldCore({ db, databaseUrl, leaseMs: Number(leaseMs), tool })
process.on('message', () => {
  isOpen = true
  // Nothing new: only what was begun before is of interest.
  gate.resolve()
  setTimeout(() => tell({ say: 'wrote', refused, written }), 1_500)
})
await core.queue.open()
await startWork(core, { senders: new Map() })
tell({ say: 'working' })
